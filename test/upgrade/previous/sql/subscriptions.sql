-- The statements of queries/subscriptions.ts with sample parameters. Written by: npm run sql

-- countSubscriptionsOf
select count(*) as "count"
from "subscription_group"
where "consumer" = $1;

-- deleteSubscription
delete from "subscription"
where "product_key" = $1;

-- findSubscription
select *
from "subscription"
where "product_key" = $1;

-- groupsOfSubscription
select "consumer_group"."id", "consumer_group"."consumer"
from "subscription_group"
inner join "consumer_group" on "consumer_group"."consumer" = "subscription_group"."consumer"
where "subscription_group"."product_key" = $1
order by "consumer_group"."created_at", "consumer_group"."consumer";

-- insertSubscription
insert into "subscription" ("product_key", "instance_id", "flags", "created_at")
values ($1, $2, $3, $4);

-- setSubscriptionFlags
update "subscription"
set "flags" = $1
where "product_key" = $2;

-- setSubscriptionGroups
delete from "subscription_group"
where "product_key" = $1;
-- bulk insert into subscription_group
