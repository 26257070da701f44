-- The statements of queries/job-list.ts with sample parameters. Written by: npm run sql

-- countFilteredJobs
select count(*) as "count"
from "job" as "found"
where "found"."instance_id" = $1;
select count(*) as "count"
from "job" as "found"
where ("found"."instance_id" = $1 and "found"."status" in ($2, $3) and "found"."type" = $4 and "found"."selection" = $5 and "found"."product_key" = $6 and "found"."firmware_id" = $7);

-- countJobsByStatus
select "status", count(*) as "count"
from "job"
where "instance_id" = $1
group by "status";

-- countTasksOfJobs
select "job_id", "status", sum("count") as "count"
from "task_count"
where "job_id" in ($1, $2)
group by "job_id", "status";

-- hasRollout
select "id"
from "job"
where "instance_id" = $1 and "type" = $2
limit $3;

-- pageOfFilteredJobs
select "job".*, "product"."name" as "product_name"
from "job"
left join "product" on "product"."key" = "job"."product_key"
where "job"."id" in (select "found"."id" from "job" as "found" where "found"."instance_id" = $1 order by "found"."id" desc limit $2 offset $3)
order by "job"."id" desc;
select "job".*, "product"."name" as "product_name"
from "job"
left join "product" on "product"."key" = "job"."product_key"
where "job"."id" in (select "found"."id" from "job" as "found" where ("found"."instance_id" = $1 and "found"."id" = $2) order by "found"."id" desc limit $3 offset $4)
order by "job"."id" desc;
select "job".*, "product"."name" as "product_name"
from "job"
left join "product" on "product"."key" = "job"."product_key"
where "job"."id" in (select "found"."id" from "job" as "found" where ("found"."instance_id" = $1 and "found"."status" in ($2, $3) and "found"."type" = $4 and "found"."selection" = $5 and "found"."product_key" = $6 and "found"."firmware_id" = $7) order by "found"."id" desc limit $8 offset $9)
order by "job"."id" desc;
