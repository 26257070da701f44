-- The statements of queries/device-applications.ts with sample parameters. Written by: npm run sql

-- appliedNames
select "position", "name", "nickname", "error"
from "device_apply_name"
where "apply_id" = $1 and "position" >= $2 and "position" < $3
order by "position";

-- dueApplications
select "id"
from "device_apply"
where "due_at" <= $1
order by "due_at", "id"
limit $2;

-- findApplication
select *
from "device_apply"
where "id" = $1 and "instance_id" = $2;

-- insertApplication
insert into "device_apply" ("id", "instance_id", "product_key", "status", "named", "total", "cursor", "registered", "failed", "created_at", "modified_at", "due_at")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
-- bulk insert into device_apply_name

-- insertAppliedNames
-- bulk insert into device_apply_name

-- listAppliedDevices
select "device"."id", "device"."name", "device"."secret"
from "device_apply_name"
inner join "device" on "device"."name" = "device_apply_name"."name" and "device"."product_key" = $1
where "device_apply_name"."apply_id" = $2 and "device_apply_name"."position" < $3 and "device_apply_name"."error" is null
order by "device_apply_name"."position"
limit $4
offset $5;

-- lockApplication
select *
from "device_apply"
where "id" = $1; -- on PostgreSQL: for update

-- setNameError
update "device_apply_name"
set "error" = $1
where "apply_id" = $2 and "position" in ($3, $4);

-- setRemainingErrors
update "device_apply_name"
set "error" = $1
where "apply_id" = $2 and "position" >= $3 and "error" is null;

-- takenNames
select "name"
from "device"
where "product_key" = $1 and "name" in ($2, $3);

-- updateApplication
update "device_apply"
set "cursor" = $1, "modified_at" = $2
where "id" = $3;
