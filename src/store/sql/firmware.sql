-- The statements of queries/firmware.ts with sample parameters. Written by: npm run sql

-- countFilteredFirmware
select count(*) as "count"
from "firmware"
where "firmware"."instance_id" = $1 and "firmware"."product_key" = $2 and "firmware"."dest_version" = $3;

-- countFirmware
select count(*) as "count"
from "firmware"
where "instance_id" = $1;

-- deleteFirmware
delete from "firmware_file"
where "firmware_id" = $1;
delete from "firmware"
where "id" = $1;

-- filesOfFirmware
select *
from "firmware_file"
where "firmware_id" in ($1, $2)
order by "firmware_id", "position";

-- findFirmware
select "firmware".*, "product"."name" as "product_name"
from "firmware"
left join "product" on "product"."key" = "firmware"."product_key"
where "firmware"."id" = $1 and "firmware"."instance_id" = $2;

-- findFirmwares
select *
from "firmware"
where "id" in ($1, $2);

-- hasFirmwareOfModule
select "id"
from "firmware"
where "product_key" = $1 and "module" = $2
limit $3;

-- hasReadyFirmware
select "id"
from "firmware"
where "instance_id" = $1 and "status" in ($2, $3)
limit $4;

-- insertFirmware
insert into "firmware" ("id", "instance_id", "product_key", "name", "description", "module", "type", "src_version", "dest_version", "sign_method", "status", "udi", "created_at", "modified_at")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);
insert into "firmware_file" ("firmware_id", "position", "name", "upload_key", "size", "md5", "sign")
values ($1, $2, $3, $4, $5, $6, $7);

-- lockFirmware
select *
from "firmware"
where "id" = $1 and "instance_id" = $2; -- on PostgreSQL: for update

-- pageOfFirmware
select "firmware".*, "product"."name" as "product_name"
from "firmware"
left join "product" on "product"."key" = "firmware"."product_key"
where "firmware"."instance_id" = $1
order by "firmware"."id" desc
limit $2
offset $3;
select "firmware".*, "product"."name" as "product_name"
from "firmware"
left join "product" on "product"."key" = "firmware"."product_key"
where "firmware"."instance_id" = $1 and "firmware"."product_key" = $2 and "firmware"."dest_version" = $3
order by "firmware"."id" desc
limit $4
offset $5;

-- setFirmwareStatus
update "firmware"
set "status" = $1, "modified_at" = $2
where "id" = $3;

-- updateFirmware
update "firmware"
set "name" = $1, "description" = $2, "udi" = $3, "modified_at" = $4
where "id" = $5;
