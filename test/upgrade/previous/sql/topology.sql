-- The statements of queries/topology.ts with sample parameters. Written by: npm run sql

-- countSubDevices
select count(*) as "count"
from "topology"
where "gateway_id" = $1;

-- findGateway
select "device"."id", "device"."instance_id", "product"."node_type"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "device"."id" = $1;

-- findSubDevices
select "device"."id", "device"."product_key", "device"."name", "device"."secret", "device"."status", "product"."node_type", "product"."dynamic_registration"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and ("device"."product_key" = $2 and "device"."name" in ($3, $4))
order by "device"."id";

-- gatewaysOf
select "device_id", "gateway_id"
from "topology"
where "device_id" in ($1, $2);

-- lockGateway
select "id"
from "device"
where "id" = $1; -- on PostgreSQL: for update

-- moveToGateway
insert into "topology" ("device_id", "gateway_id", "added_at")
values ($1, $2, $3), ($4, $5, $6)
on conflict ("device_id") do nothing;
select "device_id", "gateway_id"
from "topology"
where "device_id" in ($1, $2) and "gateway_id" <> $3
order by "device_id"; -- on PostgreSQL: for update
update "topology"
set "gateway_id" = $1, "added_at" = $2
where "device_id" in ($3);

-- removeFromGateway
delete from "topology"
where "device_id" in ($1, $2) and "gateway_id" = $3;

-- removeTopology
delete from "topology"
where "device_id" = $1;
delete from "topology"
where "gateway_id" = $1;

-- subDevicesOf
select "topology"."device_id", "device"."product_key", "device"."name"
from "topology"
inner join "device" on "device"."id" = "topology"."device_id"
where "topology"."gateway_id" = $1
order by "topology"."device_id";
