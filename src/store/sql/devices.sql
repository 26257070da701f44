-- The statements of queries/devices.ts with sample parameters. Written by: npm run sql

-- findDevice
select *
from "device"
where "id" = $1 and "instance_id" = $2;

-- findDeviceByName
select *
from "device"
where "product_key" = $1 and "name" = $2 and "instance_id" = $3;

-- findDeviceDetail
select "device".*, "product"."name" as "product_name", "product"."node_type", "module_version"."version" as "firmware_version"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
left join "module_version" on "module_version"."device_id" = "device"."id" and "module_version"."module" = $1
where "product"."instance_id" = $2 and "device"."id" = $3;

-- findDeviceDetailByName
select "device".*, "product"."name" as "product_name", "product"."node_type", "module_version"."version" as "firmware_version"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
left join "module_version" on "module_version"."device_id" = "device"."id" and "module_version"."module" = $1
where "product"."instance_id" = $2 and "device"."product_key" = $3 and "device"."name" = $4;

-- findDeviceDetails
select "device".*, "product"."name" as "product_name", "product"."node_type", "module_version"."version" as "firmware_version"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
left join "module_version" on "module_version"."device_id" = "device"."id" and "module_version"."module" = $1
where "product"."instance_id" = $2 and "device"."product_key" = $3 and "device"."name" in ($4, $5);

-- findDeviceForLogin
select "id", "secret", "status"
from "device"
where "product_key" = $1 and "name" = $2;

-- findDeviceForToken
select "id", "product_key", "name", "secret", "status"
from "device"
where "id" = $1;

-- findDevices
select *
from "device"
where "id" in ($1, $2) and exists (select "product"."key" from "product" where "product"."key" = "device"."product_key" and "product"."instance_id" = $3);

-- findDevicesByName
select *
from "device"
where "product_key" = $1 and "name" in ($2, $3) and exists (select "product"."key" from "product" where "product"."key" = "device"."product_key" and "product"."instance_id" = $4);

-- insertDevice
insert into "device" ("id", "instance_id", "product_key", "name", "secret", "nickname", "status", "active_at", "online_at", "status_at", "ip", "created_at", "modified_at")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- listDevices
select *
from "device"
where "product_key" = $1 and "instance_id" = $2
order by "id" desc
limit $3
offset $4;
select *
from "device"
where "product_key" = $1 and "instance_id" = $2 and "id" < $3
order by "id" desc
limit $4
offset $5;

-- lockDevice
select "id"
from "device"
where "id" = $1 and "instance_id" = $2; -- on PostgreSQL: for update

-- lockDevicesByName
select "id"
from "device"
where exists (select "product"."key" from "product" where "product"."key" = "device"."product_key" and "product"."instance_id" = $1) and (("product_key" = $2 and "name" in ($3, $4)) or ("product_key" = $5 and "name" in ($6)))
order by "id"; -- on PostgreSQL: for update

-- removeDevice
delete from "device"
where "id" = $1 and "instance_id" = $2 returning "id", "history_at";

-- setNickname
update "device"
set "nickname" = $1, "modified_at" = $2
where "id" = $3;
