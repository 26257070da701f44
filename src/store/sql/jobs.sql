-- The statements of queries/jobs.ts with sample parameters. Written by: npm run sql

-- candidatesByGroup
select "device"."id", "device"."name", "device"."product_key", "module_version"."version"
from "device_group_member"
inner join "device" on "device"."id" = "device_group_member"."device_id"
left join "module_version" on "module_version"."device_id" = "device"."id" and "module_version"."module" = $1
where "device_group_member"."group_id" = $2 and "device_group_member"."device_id" > $3
order by "device_group_member"."device_id"
limit $4;

-- candidatesByName
select "device"."id", "device"."name", "module_version"."version"
from "device"
left join "module_version" on "module_version"."device_id" = "device"."id" and "module_version"."module" = $1
where "device"."product_key" = $2 and "device"."name" in ($3, $4);

-- candidatesByProduct
select "device"."id", "device"."name", "device"."active_at", "module_version"."version"
from "device"
left join "module_version" on "module_version"."device_id" = "device"."id" and "module_version"."module" = $1
where "device"."product_key" = $2 and "device"."name" > $3
order by "device"."name"
limit $4;

-- candidatesByTarget
select "device"."id", "device"."name", "module_version"."version"
from "job_target"
inner join "device" on "device"."product_key" = $1 and "device"."name" = "job_target"."device_name"
left join "module_version" on "module_version"."device_id" = "device"."id" and "module_version"."module" = $2
where "job_target"."job_id" = $3 and "job_target"."position" >= $4 and "job_target"."position" < $5
order by "job_target"."position";

-- connectedAmong
select "device_id"
from "presence"
where "device_id" in ($1, $2);

-- countJobs
select count(*) as "count"
from "job"
where "firmware_id" = $1 and "instance_id" = $2;

-- countJobsOfDevice
select count(*) as "count"
from "job"
where "firmware_id" = $1 and "instance_id" = $2 and $3 in (select "task"."device_id" from "task" where "task"."job_id" = "job"."id" and "task"."seq" in (select "named"."seq" from "task" as "named" where "named"."job_id" = "job"."id" and "named"."device_name" = $4));

-- countTargets
select count(*) as "count"
from "job_target"
where "job_id" = $1;

-- dueJobs
select "id"
from "job"
where "due_at" <= $1
order by "due_at"
limit $2;

-- findJob
select "job".*, "product"."name" as "product_name", "device_group"."name" as "group_name"
from "job"
inner join "product" on "product"."key" = "job"."product_key"
left join "device_group" on "device_group"."id" = "job"."group_id"
where "job"."id" = $1 and "job"."instance_id" = $2;

-- findJobs
select *
from "job"
where "id" in ($1, $2);

-- findJobsHeard
select *, exists (select "event_route"."consumer" from "event_route" where "event_route"."instance_id" = "job"."instance_id" and "event_route"."product_key" in ($1, "job"."product_key") and "event_route"."type" = $2) as "heard"
from "job"
where "id" in ($3, $4);

-- findLastVerifyJob
select "id", "task_total"
from "job"
where "firmware_id" = $1 and "type" = $2
order by "id" desc
limit $3;

-- findListedJob
select "job"."id", "job"."firmware_id", "job"."product_key", "job"."dest_version", "job"."task_total", "job"."timeout_minutes", "job"."earlier_timeouts", "product"."name" as "product_name"
from "job"
inner join "product" on "product"."key" = "job"."product_key"
where "job"."id" = $1 and "job"."instance_id" = $2;

-- hasUnfinishedJob
select "id"
from "job"
where "firmware_id" = $1 and "status" in ($2, $3)
limit $4;

-- insertJob
insert into "job" ("id", "instance_id", "firmware_id", "product_key", "type", "selection", "target", "status", "firmware_name", "module", "src_version", "dest_version", "is_diff", "src_versions", "retry_interval", "retry_count", "timeout_minutes", "maximum_per_minute", "overwrite_mode", "need_push", "need_confirm", "multi_module", "download_protocol", "group_id", "gray_percent", "dynamic_mode", "tags", "created_at", "modified_at", "schedule_at", "schedule_finish_at", "started_at", "ended_at", "task_total", "cursor", "list_key", "unknown_names", "due_at", "push_log")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39);
-- bulk insert into job_target

-- jobsOfDevices
select "job".*, "held"."queued"
from (select "task"."job_id", max(case when "task"."status" = $1 then 1 else 0 end) as "queued" from "task" where "task"."device_id" in ($2, $3) and "task"."active_module" is not null group by "task"."job_id") as "held"
inner join "job" on "job"."id" = "held"."job_id";

-- jobsToCall
select "id"
from "job"
where "call_at" <= $1
order by "call_at"
limit $2;

-- lockCandidates
select "id"
from "device"
where "id" in ($1, $2)
order by "id"; -- on PostgreSQL: for update
select "device_id", "version"
from "module_version"
where "device_id" in ($1, $2) and "module" = $3
order by "device_id"; -- on PostgreSQL: for update

-- lockCandidatesByName
select "id", "name"
from "device"
where "product_key" = $1 and "name" in ($2, $3)
order by id || ''; -- on PostgreSQL: for update
select "device_id", "version"
from "module_version"
where "device_id" in ($1) and "module" = $2
order by "device_id"; -- on PostgreSQL: for update

-- lockJob
select *
from "job"
where "id" = $1; -- on PostgreSQL: for update

-- pageOfJobs
select *
from "job"
where "firmware_id" = $1 and "instance_id" = $2
order by "id" desc
limit $3
offset $4;

-- pageOfJobsOfDevice
select *
from "job"
where "firmware_id" = $1 and "instance_id" = $2 and $3 in (select "task"."device_id" from "task" where "task"."job_id" = "job"."id" and "task"."seq" in (select "named"."seq" from "task" as "named" where "named"."job_id" = "job"."id" and "named"."device_name" = $4))
order by "id" desc
limit $5
offset $6;

-- updateJob
update "job"
set "status" = $1, "due_at" = $2
where "id" = $3;
