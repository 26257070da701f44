-- The statements of queries/device-search.ts with sample parameters. Written by: npm run sql

-- countFound
select "key", "device_count"
from "product"
where "instance_id" = $1 and "key" in ($2);
select count(*) as "total", coalesce(sum(case when device.active_at is not null then 1 else 0 end), 0) as "activated", coalesce(sum(case when device.status = 1 then 1 else 0 end), 0) as "online"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and ("device"."product_key" in ($3) and (substr("device"."nickname", 1, 4) = $4 or not "device"."status" in (1)) and not "device"."id" in (select held.device_id from "device_group_member" as held where "held"."group_id" in ($5)) and "device"."id" in (select held.device_id from "device_prop" as held where "held"."key" in ($6) and "held"."value" in ($7, $8) and substr(held.value, 1, 64) in ($9, $10)) and "device"."id" in (select held.device_id from "module_version" as held where "held"."module" in ($11) and "held"."version" in ($12)));

-- countSearched
select "key", "device_count"
from "product"
where "instance_id" = $1 and "key" in ($2);
select count(*) as "count"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and ("device"."product_key" in ($3) and (substr("device"."nickname", 1, 4) = $4 or not "device"."status" in (1)) and not "device"."id" in (select held.device_id from "device_group_member" as held where "held"."group_id" in ($5)) and "device"."id" in (select held.device_id from "device_prop" as held where "held"."key" in ($6) and "held"."value" in ($7, $8) and substr(held.value, 1, 64) in ($9, $10)) and "device"."id" in (select held.device_id from "module_version" as held where "held"."module" in ($11) and "held"."version" in ($12)));
select "name"
from "device"
where "product_key" = $1 and "name" >= $2 and "name" < $3
order by "name"
limit $4
offset $5;
select count(*) as "count"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and ("device"."product_key" in ($3) and ("device"."active_at" is not null and "device"."active_at" > $4)) and "device"."product_key" = $5 and "device"."name" >= $6 and "device"."name" < $7;

-- foundAmong
select "id"
from "device"
where "id" in ($1, $2) and ("device"."product_key" in ($3) and (substr("device"."nickname", 1, 4) = $4 or not "device"."status" in (1)) and not exists (select held.device_id from "device_group_member" as held where "held"."group_id" in ($5) and held.device_id = "device"."id") and exists (select held.device_id from "device_prop" as held where "held"."key" in ($6) and "held"."value" in ($7, $8) and substr(held.value, 1, 64) in ($9, $10) and held.device_id = "device"."id") and exists (select held.device_id from "module_version" as held where "held"."module" in ($11) and "held"."version" in ($12) and held.device_id = "device"."id"));

-- idsFound
select "key", "device_count"
from "product"
where "instance_id" = $1 and "key" in ($2);
select "device"."id", "device"."created_at" as "at"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and ("device"."product_key" in ($3) and (substr("device"."nickname", 1, 4) = $4 or not "device"."status" in (1)) and not "device"."id" in (select held.device_id from "device_group_member" as held where "held"."group_id" in ($5)) and "device"."id" in (select held.device_id from "device_prop" as held where "held"."key" in ($6) and "held"."value" in ($7, $8) and substr(held.value, 1, 64) in ($9, $10)) and "device"."id" in (select held.device_id from "module_version" as held where "held"."module" in ($11) and "held"."version" in ($12)))
order by "device"."id" desc
limit $13;
select "device"."id", "device"."active_at" as "at"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and ("device"."product_key" in ($3) and (substr("device"."nickname", 1, 4) = $4 or not "device"."status" in (1)) and not "device"."id" in (select held.device_id from "device_group_member" as held where "held"."group_id" in ($5)) and "device"."id" in (select held.device_id from "device_prop" as held where "held"."key" in ($6) and "held"."value" in ($7, $8) and substr(held.value, 1, 64) in ($9, $10)) and "device"."id" in (select held.device_id from "module_version" as held where "held"."module" in ($11) and "held"."version" in ($12)))
order by "device"."active_at" is null, "device"."active_at" desc, "device"."id" desc
limit $13;
select "name"
from "device"
where "product_key" = $1 and "name" >= $2 and "name" < $3
order by "name"
limit $4
offset $5;
select "device"."id", "device"."created_at" as "at"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and ("device"."product_key" in ($3) and ("device"."active_at" is not null and "device"."active_at" > $4)) and "device"."product_key" = $5 and "device"."name" >= $6 and "device"."name" < $7
order by "device"."name"
limit $8;
select "device"."id", "device"."created_at" as "at"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and ("device"."product_key" in ($3) and ("device"."active_at" is not null and "device"."active_at" > $4)) and "device"."product_key" = $5 and "device"."name" >= $6 and "device"."name" < $7
order by "device"."created_at" is null, "device"."created_at" asc, "device"."id" desc
limit $8;

-- pageOfFound
select "device".*, "product"."name" as "product_name", "product"."node_type", "product"."category_key"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and "device"."status" = $3 and "device"."name" = $4 and ("device"."product_key" in ($5) and (substr("device"."nickname", 1, 4) = $6 or not "device"."status" in (1)) and not "device"."id" in (select held.device_id from "device_group_member" as held where "held"."group_id" in ($7)) and "device"."id" in (select held.device_id from "device_prop" as held where "held"."key" in ($8) and "held"."value" in ($9, $10) and substr(held.value, 1, 64) in ($11, $12)) and "device"."id" in (select held.device_id from "module_version" as held where "held"."module" in ($13) and "held"."version" in ($14)))
order by "device"."id" desc
limit $15
offset $16;
select "device".*, "product"."name" as "product_name", "product"."node_type", "product"."category_key"
from "device"
inner join "product" on "product"."key" = "device"."product_key"
where "product"."instance_id" = $1 and "product"."key" in ($2) and "device"."id" > $3 and "device"."id" <= $4 and substr("device"."name", 1, 4) = $5 and ("device"."product_key" in ($6) and (substr("device"."nickname", 1, 4) = $7 or not "device"."status" in (1)) and not "device"."id" in (select held.device_id from "device_group_member" as held where "held"."group_id" in ($8) and held.device_id > $9 and held.device_id <= $10) and "device"."id" in (select held.device_id from "device_prop" as held where "held"."key" in ($11) and "held"."value" in ($12, $13) and substr(held.value, 1, 64) in ($14, $15) and held.device_id > $16 and held.device_id <= $17) and "device"."id" in (select held.device_id from "module_version" as held where "held"."module" in ($18) and "held"."version" in ($19) and held.device_id > $20 and held.device_id <= $21)) and "device"."id" < $22
order by "device"."id" desc
limit $23
offset $24;
