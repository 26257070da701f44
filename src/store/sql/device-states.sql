-- The statements of queries/device-states.ts with sample parameters. Written by: npm run sql

-- countDevices
select coalesce(sum("activated"), 0) as "activated", coalesce(sum("online"), 0) as "online", coalesce(sum(inactive + online + offline + disabled), 0) as "total"
from "product"
inner join "device_tally" on "device_tally"."product_key" = "product"."key"
where "product"."instance_id" = $1;
select coalesce(sum("activated"), 0) as "activated", coalesce(sum("online"), 0) as "online", coalesce(sum(inactive + online + offline + disabled), 0) as "total"
from "product"
inner join "device_tally" on "device_tally"."product_key" = "product"."key"
where "product"."instance_id" = $1 and "product"."key" = $2;

-- countDevicesOfGroup
select "device"."product_key", count(*) as "total", sum(case when "device"."active_at" is not null then 1 else 0 end) as "activated", sum(case when "device"."status" = 1 then 1 else 0 end) as "online"
from "device_group_member"
inner join "device" on "device"."id" = "device_group_member"."device_id"
where "device_group_member"."group_id" = $1
group by "device"."product_key";

-- disableDevice
update "device"
set "status" = $1, "status_at" = $2, "modified_at" = $3, "history_before" = history_at, "history_at" = case when history_at between $4 and $5 then history_at + 1 else $6 end, "history_count" = history_count + 1
where "id" = $7 and "status" <> $8 returning "id", "status", "history_at", "history_before", "history_count";

-- enableDevice
update "device"
set "status" = case when active_at is null then 0 else 3 end, "status_at" = $1, "modified_at" = $2, "history_before" = history_at, "history_at" = case when history_at between $3 and $4 then history_at + 1 else $5 end, "history_count" = history_count + 1
where "id" = $6 and "status" = $7 returning "id", "status", "history_at", "history_before", "history_count";

-- largestProducts
select "product"."key", "product"."name", coalesce(sum(inactive + online + offline + disabled), 0) as "total", coalesce(sum("inactive"), 0) as "inactive", coalesce(sum("online"), 0) as "online", coalesce(sum("offline"), 0) as "offline", coalesce(sum("disabled"), 0) as "disabled", coalesce(sum("activated"), 0) as "activated"
from "product"
left join "device_tally" on "device_tally"."product_key" = "product"."key"
where "product"."instance_id" = $1
group by "product"."key", "product"."name"
order by coalesce(sum(inactive + online + offline + disabled), 0) desc, "product"."key"
limit $2;

-- listDevicesByStatus
select *
from "device"
where "id" in (select "found"."id" from "device" as "found" where "found"."product_key" = $1 and "found"."status" = $2 order by "found"."id" desc limit $3 offset $4)
order by "id" desc;

-- productsWithStatus
select "product"."key", sum("online") as "count"
from "product"
inner join "device_tally" on "device_tally"."product_key" = "product"."key"
where "product"."instance_id" = $1
group by "product"."key", "product"."created_at" having sum("online") > 0
order by "product"."created_at" desc, "product"."key" desc;
select "product"."key", sum("online") as "count"
from "product"
inner join "device_tally" on "device_tally"."product_key" = "product"."key"
where "product"."instance_id" = $1 and "product"."key" = $2
group by "product"."key", "product"."created_at" having sum("online") > 0
order by "product"."created_at" desc, "product"."key" desc;

-- tallyDevices
select coalesce(sum(inactive + online + offline + disabled), 0) as "total", coalesce(sum("inactive"), 0) as "inactive", coalesce(sum("online"), 0) as "online", coalesce(sum("offline"), 0) as "offline", coalesce(sum("disabled"), 0) as "disabled", coalesce(sum("activated"), 0) as "activated"
from "device_tally"
inner join "product" on "product"."key" = "device_tally"."product_key"
where "product"."instance_id" = $1;
