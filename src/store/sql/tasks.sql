-- The statements of queries/tasks.ts with sample parameters. Written by: npm run sql

-- activeTasks
select *
from "task"
where "device_id" in ($1, $2) and "active_module" is not null
order by "job_id", "seq";

-- connectedQueuedDevices
select "task"."seq", "task"."device_id"
from "task"
inner join "presence" on "presence"."device_id" = "task"."device_id"
where "task"."job_id" = $1 and "task"."status" = $2 and "task"."seq" >= $3 and "task"."seq" < $4
order by "task"."seq"
limit $5;

-- countTasks
select "status", sum("count") as "count"
from "task_count"
where "job_id" = $1
group by "status";

-- countTasksInStatus
select coalesce(sum("count"), 0) as "count"
from "task_count"
where "job_id" = $1 and "status" = $2;

-- failedTasks
select "seq", "cause", "description", "device_name"
from "task"
where "job_id" = $1 and "seq" in (select "failed"."seq" from "task" as "failed" where "failed"."job_id" = $2 and "failed"."status" = $3 and "failed"."seq" < $4 order by "failed"."seq" desc limit $5)
order by "seq" desc;

-- findTask
select *
from "task"
where "job_id" = $1 and "seq" = $2;

-- insertTasks
insert into task ("job_id", "seq", "status", "description", "progress", "active_module", "retries", "modified_at", "first_progress_at", "retry_at", "due_at", "waiting_at", "cause", "attempts", "device_id", "device_name", "src_version", "created_at")
select cast($1 as text) as "job_id", cast($2 as bigint) as "seq", cast($3 as text) as "status", cast($4 as text) as "description", cast($5 as integer) as "progress", cast($6 as text) as "active_module", cast($7 as integer) as "retries", cast($8 as bigint) as "modified_at", cast($9 as bigint) as "first_progress_at", cast($10 as bigint) as "retry_at", cast($11 as bigint) as "due_at", cast($12 as bigint) as "waiting_at", cast($13 as text) as "cause", cast($14 as integer) as "attempts", cast($15 as text) as "device_id", cast($16 as text) as "device_name", cast($17 as text) as "src_version", cast($18 as bigint) as "created_at"
from json_each($19);
insert into "task_count" ("job_id", "status", "block", "count")
values ($1, $2, $3, $4)
on conflict ("job_id", "status", "block") do update
set "count" = task_count.count + excluded.count;

-- lockActiveTasks
select *
from "task"
where "device_id" in ($1, $2) and "active_module" is not null
order by "job_id", "seq"; -- on PostgreSQL: for update

-- lockDueTasks
select *
from "task"
where "due_at" <= $1
order by "due_at"
limit $2; -- on PostgreSQL: for update skip locked

-- lockTasks
select *
from "task"
where "job_id" = $1 and "seq" in ($2, $3)
order by "seq"; -- on PostgreSQL: for update

-- namesWithTask
select "given"."key" as "name"
from (select key from json_each($1)) as "given"
where (select "task"."seq" from "task" where "task"."job_id" = $2 and "task"."device_name" = "given"."key" limit $3) is not null;

-- pageOfTasks
select "seq", "device_id", "device_name", "src_version", "status", "description", "progress", "created_at", "modified_at"
from "task"
where "job_id" = $1 and "seq" >= $2
order by "seq"
limit $3;

-- pageOfTasksInStatus
with "sums" as (select "block", "count", sum(count) over (order by block) as "upto" from "task_count" where "job_id" = $1 and "status" = $2), "start" as (select block * 1024 as "seq", cast($3 as bigint) - (upto - count) as "skip" from "sums" where "upto" > $4 order by "block" limit $5), "page" as (select "seq" from "task" where "job_id" = $6 and "status" = $7 and "seq" >= (select "start"."seq" from "start") order by "seq" limit $8 offset coalesce((select skip from start), 0))
select "seq", "device_id", "device_name", "src_version", "status", "description", "progress", "created_at", "modified_at"
from "task"
where "job_id" = $9 and "seq" in (select "page"."seq" from "page")
order by "seq";

-- seqsInStatus
select "seq"
from "task"
where "job_id" = $1 and "status" = $2
order by "seq"
limit $3;
select "seq"
from "task"
where "job_id" = $1 and "status" = $2 and "seq" < $3
order by "seq"
limit $4;

-- setSourceVersion
update "task"
set "src_version" = $1
where "job_id" = $2 and "seq" = $3 and "src_version" <> $4;

-- tasksOfDeviceNames
select "seq", "device_id", "device_name", "src_version", "status", "description", "progress", "created_at", "modified_at"
from "task"
where "job_id" = $1 and "seq" in (select "seq" from "task" where "job_id" = $2 and "device_name" in ($3, $4))
order by "seq";
select "seq", "device_id", "device_name", "src_version", "status", "description", "progress", "created_at", "modified_at"
from "task"
where "job_id" = $1 and "seq" in (select "seq" from "task" where "job_id" = $2 and "device_name" in ($3, $4)) and "status" = $5
order by "seq";

-- updateTasks
with changed as (select cast(value ->> 0 as text) as "job_id", cast(value ->> 1 as bigint) as "seq", cast($1 as text) as "status", cast($2 as bigint) as "modified_at" from json_each($3))
update task
set "status" = changed."status", "modified_at" = changed."modified_at"
from changed
where task.job_id = changed.job_id || '' and task.seq = changed.seq + 0;
insert into "task_count" ("job_id", "status", "block", "count")
values ($1, $2, $3, $4), ($5, $6, $7, $8)
on conflict ("job_id", "status", "block") do update
set "count" = task_count.count + excluded.count;

-- waitingTasks
select "task"."seq", "task"."device_id", "presence"."node_id"
from "task"
left join "presence" on "presence"."device_id" = "task"."device_id"
where "task"."job_id" = $1 and "task"."waiting_at" is not null
order by "task"."waiting_at", "task"."seq"
limit $2;
