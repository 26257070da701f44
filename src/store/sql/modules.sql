-- The statements of queries/modules.ts with sample parameters. Written by: npm run sql

-- countModuleVersions
select count(*) as "count"
from "module_version"
where "device_id" = $1;

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
