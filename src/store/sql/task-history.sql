-- The statements of queries/task-history.ts with sample parameters. Written by: npm run sql

-- addToHistory
insert into "task_history" ("instance_id", "at", "job_id", "outcome", "cause", "node_id", "product_key", "count")
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict ("instance_id", "at", "job_id", "outcome", "cause", "node_id") do update
set "count" = task_history.count + excluded.count;

-- deleteOldestHistory
select "at"
from "task_history"
where "at" < $1
order by "at"
limit $2;
delete from "task_history"
where "at" = $1;

-- ownersOfJobs
select "id", "instance_id", "product_key"
from "job"
where "id" in ($1, $2);

-- sumHistory
select "at", "outcome", "cause", sum("count") as "count"
from "task_history"
where "instance_id" = $1 and "at" >= $2 and "at" < $3
group by "at", "outcome", "cause";
select "at", "outcome", "cause", sum("count") as "count"
from "task_history"
where "instance_id" = $1 and "at" >= $2 and "at" < $3 and "product_key" = $4 and "job_id" = $5
group by "at", "outcome", "cause";
