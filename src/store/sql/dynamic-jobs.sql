-- The statements of queries/dynamic-jobs.ts with sample parameters. Written by: npm run sql

-- conflictRulesOfGroup
select "job"."overwrite_mode", "job"."multi_module"
from "job"
where "job"."selection" = 'DYNAMIC' and "job"."status" = 'IN_PROGRESS' and "job"."group_id" = $1
limit $2;

-- countTasksOfDevices
select "seq"
from "task"
where "job_id" = $1 and "device_name" in ($2, $3);
select "device_id", count(*) as "count"
from "task"
where "job_id" = $1 and "seq" in ($2)
group by "device_id";

-- hasRunningDynamicJob
select "id"
from "job"
where "firmware_id" = $1 and "selection" = $2 and "status" = $3
limit $4;

-- hasUnfinishedStrategyTasks
select "job"."id"
from "job"
inner join "task_count" on "task_count"."job_id" = "job"."id"
where "job"."firmware_id" = $1 and "job"."selection" = $2 and "job"."status" = $3 and "task_count"."status" in ($4, $5, $6, $7) and "task_count"."count" > $8
limit $9;

-- runningDynamicJobs
select "job".*, "device_group"."expression" as "rule"
from "job"
left join "device_group" on "device_group"."id" = "job"."group_id"
where "job"."selection" = 'DYNAMIC' and "job"."status" = 'IN_PROGRESS' and "job"."product_key" = $1 and "job"."module" = $2
order by "job"."id" desc;
