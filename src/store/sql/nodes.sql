-- The statements of queries/nodes.ts with sample parameters. Written by: npm run sql

-- deadNodes
select "holder"
from "lease"
where "name" > $1 and "name" < $2 and "until" <= $3;

-- hasOtherNodes
select "name"
from "lease"
where "name" > $1 and "name" < $2 and "until" > $3 and "holder" <> $4
limit $5;

-- lockFreeNodeLease
select "until"
from "lease"
where "name" = $1; -- on PostgreSQL: for update skip locked

-- lockNodeLease
select "until"
from "lease"
where "name" = $1; -- on PostgreSQL: for update

-- releaseLeasesOf
delete from "lease"
where "holder" = $1;

-- renewNodeLease
insert into "lease" ("name", "holder", "until")
values ($1, $2, $3)
on conflict ("name") do update
set "until" = $4;
