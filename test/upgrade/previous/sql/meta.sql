-- The statements of queries/meta.ts with sample parameters. Written by: npm run sql

-- nextNumber
insert into "meta" ("key", "value")
values ($1, $2)
on conflict ("key") do update
set "value" = cast(cast(meta.value as bigint) + 1 as text) returning "value";

-- readMeta
select "value"
from "meta"
where "key" = $1;

-- settleMeta
insert into "meta" ("key", "value")
values ($1, $2)
on conflict ("key") do nothing;
select "value"
from "meta"
where "key" = $1;
