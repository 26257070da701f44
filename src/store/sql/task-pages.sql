-- The statements of queries/task-pages.ts with sample parameters. Written by: npm run sql

-- findListedJob
select "job"."id", "job"."firmware_id", "job"."product_key", "job"."dest_version", "job"."task_total", "job"."timeout_minutes", "job"."earlier_timeouts", "product"."name" as "product_name"
from "job"
inner join "product" on "product"."key" = "job"."product_key"
where "job"."id" = $1 and "job"."instance_id" = $2;

-- pageOfListedTasks
with "listed" as (select "seq", "device_id", "device_name", "src_version", "status", "description", "progress", "created_at", "modified_at" from "task" where "job_id" = $1 and "seq" >= $2 order by "seq" limit $3)
select "job"."id", "job"."firmware_id", "job"."product_key", "job"."dest_version", "job"."task_total", "job"."timeout_minutes", "job"."earlier_timeouts", "product"."name" as "product_name", "listed"."seq", "listed"."device_id", "listed"."device_name", "listed"."src_version", "listed"."status", "listed"."description", "listed"."progress", "listed"."created_at", "listed"."modified_at", "job"."task_total" as "total"
from "job"
inner join "product" on "product"."key" = "job"."product_key"
left join "listed" on true
where "job"."id" = $4 and "job"."instance_id" = $5
order by "listed"."seq";
with "listed" as (with "sums" as (select "block", "count", sum(count) over (order by block) as "upto" from "task_count" where "job_id" = $1 and "status" = $2), "start" as (select block * 1024 as "seq", cast($3 as bigint) - (upto - count) as "skip" from "sums" where "upto" > $4 order by "block" limit $5), "page" as (select "seq" from "task" where "job_id" = $6 and "status" = $7 and "seq" >= (select "start"."seq" from "start") order by "seq" limit $8 offset coalesce((select skip from start), 0)) select "seq", "device_id", "device_name", "src_version", "status", "description", "progress", "created_at", "modified_at" from "task" where "job_id" = $9 and "seq" in (select "page"."seq" from "page"))
select "job"."id", "job"."firmware_id", "job"."product_key", "job"."dest_version", "job"."task_total", "job"."timeout_minutes", "job"."earlier_timeouts", "product"."name" as "product_name", "listed"."seq", "listed"."device_id", "listed"."device_name", "listed"."src_version", "listed"."status", "listed"."description", "listed"."progress", "listed"."created_at", "listed"."modified_at", (select coalesce(sum("count"), 0) as "sum" from "task_count" where "job_id" = $10 and "status" = $11) as "total"
from "job"
inner join "product" on "product"."key" = "job"."product_key"
left join "listed" on true
where "job"."id" = $12 and "job"."instance_id" = $13
order by "listed"."seq";

-- tasksOfDeviceNames
select "seq", "device_id", "device_name", "src_version", "status", "description", "progress", "created_at", "modified_at"
from "task"
where "job_id" = $1 and "seq" in (select "seq" from "task" where "job_id" = $2 and "device_name" in ($3, $4))
order by "seq";
select "seq", "device_id", "device_name", "src_version", "status", "description", "progress", "created_at", "modified_at"
from "task"
where "job_id" = $1 and "seq" in (select "seq" from "task" where "job_id" = $2 and "device_name" in ($3, $4)) and "status" = $5
order by "seq";
