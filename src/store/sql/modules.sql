-- The statements of queries/modules.ts with sample parameters. Written by: npm run sql

-- countModuleVersions
select count(*) as "count"
from "module_version"
where "device_id" = $1;

-- countVersions
select "module_version"."module", "module_version"."version", count(*) as "count"
from "device"
inner join "module_version" on "module_version"."device_id" = "device"."id"
where "device"."product_key" = $1 and "device"."id" > $2 and "device"."id" <= $3
group by "module_version"."module", "module_version"."version";

-- findModuleVersion
select "version"
from "module_version"
where "device_id" = $1 and "module" = $2;

-- pageOfModuleVersions
select *
from "module_version"
where "device_id" = $1
order by "module"
limit $2
offset $3;

-- setModuleVersions
insert into "module_version" ("device_id", "module", "version", "reported_at")
values ($1, $2, $3, $4)
on conflict ("device_id", "module") do update
set "version" = "excluded"."version", "reported_at" = "excluded"."reported_at"
where "module_version"."version" <> "excluded"."version" returning "device_id";

-- sliceOfProduct
select count(*) as "count", max("slice"."id") as "last"
from (select "device"."id" from "device" where "device"."product_key" = $1 and "device"."id" > $2 order by "device"."id" limit $3) as "slice";
