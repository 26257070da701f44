-- The statements of queries/ota-modules.ts with sample parameters. Written by: npm run sql

-- countModules
select count(*) as "count"
from "ota_module"
where "product_key" = $1;

-- deleteModule
delete from "ota_module"
where "product_key" = $1 and "name_key" = $2;

-- insertModule
insert into "ota_module" ("product_key", "name", "alias", "description", "created_at", "modified_at", "name_key")
values ($1, $2, $3, $4, $5, $6, $7);

-- listModules
select *
from "ota_module"
where "product_key" = $1
order by "created_at", "name_key";

-- lockModule
select *
from "ota_module"
where "product_key" = $1 and "name_key" = $2 and "name" = $3; -- on PostgreSQL: for update

-- updateModule
update "ota_module"
set "alias" = $1, "description" = $2, "modified_at" = $3
where "product_key" = $4 and "name_key" = $5;
