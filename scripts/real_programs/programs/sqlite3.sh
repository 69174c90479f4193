# needs: sqlite3
# A database in memory and one in a file: inserts, indices, joins, sorting, deletion, vacuum.
set -euo pipefail
rows=$([ -n "$SHORT" ] && echo 20000 || echo 400000)
for database in :memory: file.db; do
  sqlite3 "$database" <<SQL
create table item (id integer primary key, name text, weight real, payload blob);
with recursive counter(n) as (select 1 union all select n + 1 from counter where n < $rows)
  insert into item select n, 'name' || (n * 7919 % 10007), n * 0.5, zeroblob(n % 300) from counter;
create index item_name on item(name);
select count(*), sum(weight), sum(length(payload)) from item;
select name, count(*) c from item group by name order by c desc, name limit 10;
select count(*) from item a join item b on a.name = b.name where a.id < 500;
delete from item where id % 3 = 0;
update item set payload = payload || x'0102' where id % 5 = 0;
vacuum;
pragma integrity_check;
select hex(substr(group_concat(name), 1, 200)), length(group_concat(name)) from item;
SQL
done
