-- The statements of queries/event-deliveries.ts with sample parameters. Written by: npm run sql

-- claimDeliveries
select "event_id", "attempts"
from "event_delivery"
where "consumer" = $1 and "due_at" <= $2
order by "due_at"
limit $3; -- on PostgreSQL: for update skip locked
update "event_delivery"
set "due_at" = $1, "attempts" = "attempts" + $2, "modified_at" = $3
where "consumer" = $4 and "event_id" in ($5);
select *
from "event"
where "id" in ($1);
select "event_id", "attempts"
from "event_delivery"
where "consumer" = $1 and "due_at" <= $2 and "due_at" > $3
order by "due_at"
limit $4; -- on PostgreSQL: for update skip locked

-- countDue
select count(*) as "count"
from (select "event_id" from "event_delivery" where "consumer" = $1 and "due_at" is not null) as "counted";
select count(*) as "count"
from (select "event_id" from "event_delivery" where "consumer" = $1 and "due_at" is not null limit $2) as "counted";

-- countEnded
select count(*) as "count"
from (select "event_id" from "event_delivery" where "consumer" = $1 and "state" = $2 and "due_at" is null) as "counted";
select count(*) as "count"
from (select "event_id" from "event_delivery" where "consumer" = $1 and "state" = $2 and "due_at" is null limit $3) as "counted";

-- delayDeliveries
update "event_delivery"
set "due_at" = $1, "note" = $2, "modified_at" = $3, "attempts" = "attempts" - $4
where "consumer" = $5 and "event_id" in ($6, $7);

-- deleteEventsBefore
select "id"
from "event"
where "created_at" < $1
order by "created_at"
limit $2;
delete from "event_delivery"
where "event_id" in ($1);
delete from "event"
where "id" in ($1);

-- deliveriesOf
select "event_id"
from "event_delivery"
where "consumer" = $1
order by "event_id"
limit $2;

-- endedDeliveries
select "event_id"
from "event_delivery"
where "consumer" = $1 and "state" = $2 and "due_at" is null and "modified_at" >= $3 and "modified_at" < $4
order by "modified_at"
limit $5;

-- forgetDeliveries
delete from "event_delivery"
where "consumer" = $1 and "event_id" in ($2, $3);
delete from "event"
where "id" in ($1, $2) and not exists (select "event_id" from "event_delivery" where "event_delivery"."event_id" = "event"."id");

-- hasDue
select "event_id"
from "event_delivery"
where "consumer" = $1 and "due_at" <= $2
limit $3;

-- listDeliveries
select "event_id", "state", "due_at", "attempts", "note", "modified_at"
from "event_delivery"
where "consumer" = $1
order by "event_id" desc
limit $2;
select "id", "type", "topic", "created_at"
from "event"
where "id" in ($1);
select "event_id", "state", "due_at", "attempts", "note", "modified_at"
from "event_delivery"
where "consumer" = $1 and "due_at" is not null
order by "due_at", "event_id"
limit $2;
select "event_id", "state", "due_at", "attempts", "note", "modified_at"
from "event_delivery"
where "consumer" = $1 and "state" = $2 and "due_at" is null
order by "modified_at" desc, "event_id" desc
limit $3;
select "event_id", "state", "due_at", "attempts", "note", "modified_at"
from "event_delivery"
where "consumer" = $1 and "event_id" < $2
order by "event_id" desc
limit $3;
select "event_id", "state", "due_at", "attempts", "note", "modified_at"
from "event_delivery"
where "consumer" = $1 and "due_at" is not null and "due_at" >= $2 and ("due_at" > $3 or "event_id" > $4)
order by "due_at", "event_id"
limit $5;
select "event_id", "state", "due_at", "attempts", "note", "modified_at"
from "event_delivery"
where "consumer" = $1 and "state" = $2 and "due_at" is null and "modified_at" <= $3 and ("modified_at" < $4 or "event_id" < $5)
order by "modified_at" desc, "event_id" desc
limit $6;

-- nextConsumer
select "consumer"
from "event_delivery"
where "consumer" > $1 and "consumer" < $2
order by "consumer"
limit $3;

-- oldestDeliveries
select "event"."id", "event"."created_at"
from "event_delivery"
inner join "event" on "event"."id" = "event_delivery"."event_id"
where "event_delivery"."consumer" = $1
order by "event_delivery"."event_id"
limit $2;

-- restartDeliveries
update "event_delivery"
set "state" = $1, "due_at" = $2, "attempts" = $3, "modified_at" = $4
where "consumer" = $5 and "event_id" in ($6, $7);

-- settleClaim
update "event_delivery"
set "state" = $1, "note" = $2, "due_at" = $3, "modified_at" = $4
where "consumer" = $5 and "event_id" = $6 and "due_at" = $7;
