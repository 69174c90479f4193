#!/bin/sh
# Records the size distributions of this folder: runs three real programs under size_counter.cpp and
# writes one table each. Needs g++, git, sqlite3 and Debian's python3. Usage: record.sh GIT_REPOSITORY
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --no-hardlinks "$1" "$work/repository"
g++ -std=c++20 -O2 -fPIC -shared -o "$work/size_counter.so" "$here/size_counter.cpp"

counted() {  # counted NAME COMMAND…: adds the sizes COMMAND asks for to NAME
  name=$1; shift
  SIZE_COUNTER="$work/$name" LD_PRELOAD="$work/size_counter.so" "$@" >/dev/null
}

table() {  # table NAME: rows "{bytes, cumulative count},", counts scaled to 10000
  sort -n "$work/$1" | awk '
    { if ($1 > 0) { count[$1] += $2; total += $2; if ($1 != last) size[++rows] = $1; last = $1 } }
    END {
      for (row = 1; row <= rows; ++row) {
        seen += count[size[row]]
        cumulative = int(seen * 10000 / total)
        if (cumulative > before) printf "{%d, %d},%s", size[row], cumulative, ++written % 6 ? " " : "\n"
        before = cumulative
      }
      print ""
    }' > "$here/$1.inc"
}

for command in "log --stat" "log -p" "status" "blame README.md" "repack -a -d -q"; do
  counted git git -C "$work/repository" $command
done
table git

PYTHONMALLOC=malloc counted python /usr/bin/python3 -c '
import ast, json, pathlib, re, collections
sources = sorted(pathlib.Path(json.__file__).parent.parent.glob("*.py"))[:60]
texts = [path.read_text(errors="replace") for path in sources]
trees = [ast.dump(ast.parse(text)) for text in texts]
words = collections.Counter(word for text in texts for word in re.findall(r"\w+", text))
rows = [{"word": word, "count": count} for word, count in words.items()]
assert json.loads(json.dumps(rows)) == rows'
table python

counted sqlite sqlite3 "$work/database" '
create table words(id integer primary key, word text, weight real);
create index by_word on words(word);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000)
insert into words select i, hex(randomblob(abs(random()) % 40)), i * 0.5 from n;
select substr(word, 1, 2) prefix, count(*), avg(weight), group_concat(word) from words group by prefix order by 2;
update words set word = word || "x" where id % 3 = 0;
delete from words where id % 5 = 0;
select count(*) from words a join words b on a.word = b.word;
vacuum;'
table sqlite
