# needs: perl
# Strings, hashes, sorting, regular expressions and forked children.
SHORT=${SHORT:-0} perl <<'PERL'
use strict; use warnings; use Digest::SHA qw(sha256_hex);
my $rounds = $ENV{SHORT} ? 20_000 : 600_000;
my (%count, @list, $text);
for my $i (1 .. $rounds) {
  my $key = "k" . ($i * 7919 % 10007);
  $count{$key} .= chr(97 + $i % 26);
  push @list, [$i, $key, "x" x ($i % 200)];
  shift @list if @list > 5000;
}
print sha256_hex(join ",", map { "$_=$count{$_}" } sort keys %count), "\n";
print sha256_hex(join ",", map { @$_ } sort { $a->[1] cmp $b->[1] || $a->[0] <=> $b->[0] } @list), "\n";
$text = join " ", map { $_->[1] } @list;
(my $changed = $text) =~ s/(\d+)/<$1>/g;
print length($changed), " ", sha256_hex($changed), "\n";
for my $child (1 .. 4) {
  open(my $pipe, "-|") // die "fork: $!" or do { print sha256_hex(join "", map { $_ x 3 } 1 .. 5000 * $child), "\n"; exit };
  print <$pipe>;
}
PERL
