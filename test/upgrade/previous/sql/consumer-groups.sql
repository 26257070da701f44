-- The statements of queries/consumer-groups.ts with sample parameters. Written by: npm run sql

-- allConsumers
select "consumer"
from "consumer_group"
order by "consumer";

-- consumersThatExist
select "consumer"
from "consumer_group"
where "consumer" in ($1, $2);

-- countConsumerGroups
select count(*) as "count"
from "consumer_group"
where "instance_id" = $1;
select count(*) as "count"
from "consumer_group"
where "instance_id" = $1 and "name" = $2;
select count(*) as "count"
from "consumer_group"
where "instance_id" = $1 and replace("name", $2, $3) <> "name";

-- deleteConsumerGroup
delete from "consumer_group"
where "consumer" = $1;

-- findConsumerGroup
select *
from "consumer_group"
where "instance_id" = $1 and "id" = $2;

-- insertConsumerGroup
insert into "consumer_group" ("consumer", "instance_id", "id", "name", "created_at", "consumed_at")
values ($1, $2, $3, $4, $5, $6);

-- listConsumerGroups
select *
from "consumer_group"
where "instance_id" = $1
order by "created_at" desc, "consumer" desc
limit $2
offset $3;
select *
from "consumer_group"
where "instance_id" = $1 and replace("name", $2, $3) <> "name"
order by "created_at" desc, "consumer" desc
limit $4
offset $5;

-- lockConsumer
select "consumer"
from "consumer_group"
where "consumer" = $1; -- on PostgreSQL: for update

-- lockConsumerGroup
select *
from "consumer_group"
where "instance_id" = $1 and "id" = $2; -- on PostgreSQL: for update

-- lockConsumerGroups
select *
from "consumer_group"
where "instance_id" = $1 and "id" in ($2, $3)
order by "consumer"; -- on PostgreSQL: for update

-- renameConsumerGroup
update "consumer_group"
set "name" = $1
where "consumer" = $2;

-- touchConsumerGroup
update "consumer_group"
set "consumed_at" = $1
where "consumer" = $2 and ("consumed_at" is null or "consumed_at" < $3);
