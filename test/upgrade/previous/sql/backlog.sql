-- The statements of queries/backlog.ts with sample parameters. Written by: npm run sql

-- countWaiting
select count(*) as "count"
from (select "consumer" from "event_delivery" where "consumer" >= $1 and "consumer" < $2 and "due_at" is not null limit $3) as "waiting";

-- firstCallingJob
select "call_at"
from "job"
where "call_at" is not null
order by "call_at"
limit $1;

-- firstDueDeliveries
with recursive "waiting"("consumer", "number") as (select "first"."consumer" as "consumer", 1 as "number" from (select "consumer" from "event_delivery" where "due_at" is not null order by "consumer" limit $1) as "first" union all select (select "event_delivery"."consumer" from "event_delivery" where "event_delivery"."consumer" > "waiting"."consumer" and "due_at" is not null order by "event_delivery"."consumer" limit $2) as "consumer", number + 1 as "number" from "waiting" where "waiting"."consumer" is not null and "number" < $3)
select "waiting"."consumer", (select "due_at" from "event_delivery" where "event_delivery"."consumer" = "waiting"."consumer" and "due_at" is not null order by "due_at" limit $4) as "due_at"
from "waiting"
where "waiting"."consumer" is not null and not exists (select "webhook"."id" from "webhook" where "webhook"."id" = substr(waiting.consumer, 9) and ("disabled_at" is not null or "hold_until" > $5));

-- firstDueJob
select "due_at"
from "job"
where "due_at" is not null
order by "due_at"
limit $1;

-- firstDueTask
select "due_at"
from "task"
where "due_at" is not null
order by "due_at"
limit $1;
