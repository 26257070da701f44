-- The statements of queries/groups.ts with sample parameters. Written by: npm run sql

-- countGroups
select count(*) as "count"
from "device_group"
where "instance_id" = $1;
select count(*) as "count"
from "device_group"
where "instance_id" = $1 and "type" in ($2) and "name" = $3 and "parent_id" = $4;

-- countGroupsOf
select "device_id", count(*) as "count"
from "device_group_member"
where "device_id" in ($1, $2)
group by "device_id";

-- countMembers
select count(*) as "count"
from "device_group_member"
where "group_id" = $1;

-- deleteGroup
delete from "device_group"
where "id" = $1;

-- findGroup
select *
from "device_group"
where "id" = $1 and "instance_id" = $2;

-- groupsOfDevice
select "device_group".*
from "device_group_member"
inner join "device_group" on "device_group"."id" = "device_group_member"."group_id"
where "device_group_member"."device_id" = $1 and "device_group"."instance_id" = $2
order by "device_group"."created_at" desc, "device_group"."id" desc;

-- insertGroup
insert into "device_group" ("id", "instance_id", "name", "description", "type", "parent_id", "level", "expression", "created_at")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- listGroups
select *
from "device_group"
where "instance_id" = $1 and "type" in ($2) and "name" = $3 and "parent_id" = $4
order by "created_at" desc, "id" desc
limit $5
offset $6;

-- listMembers
select "device"."id", "device"."product_key", "device"."name", "product"."name" as "product_name"
from "device_group_member"
inner join "device_group" on "device_group"."id" = "device_group_member"."group_id"
inner join "device" on "device"."id" = "device_group_member"."device_id"
inner join "product" on "product"."key" = "device"."product_key"
where "device_group_member"."group_id" = $1 and "device_group"."instance_id" = $2
order by "device_group_member"."device_id" desc
limit $3
offset $4;

-- lockGroup
select *
from "device_group"
where "id" = $1 and "instance_id" = $2; -- on PostgreSQL: for update

-- membersAmong
select "device_id"
from "device_group_member"
where "group_id" = $1 and "device_id" in ($2, $3);

-- removeMembers
delete from "device_group_member"
where "group_id" = $1 and "device_id" in ($2, $3);

-- setGroupDescription
update "device_group"
set "description" = $1
where "id" = $2;
