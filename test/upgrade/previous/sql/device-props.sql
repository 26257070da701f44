-- The statements of queries/device-props.ts with sample parameters. Written by: npm run sql

-- deleteProp
delete from "device_prop"
where "device_id" = $1 and "key" = $2;

-- findProps
select "key", "value"
from "device_prop"
where "device_id" = $1
order by "key";

-- saveProps
insert into "device_prop" ("device_id", "key", "value")
values ($1, $2, $3)
on conflict ("device_id", "key") do update
set "value" = "excluded"."value";
