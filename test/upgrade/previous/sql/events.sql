-- The statements of queries/events.ts with sample parameters. Written by: npm run sql

-- deleteRoutes
delete from "event_route"
where "consumer" = $1;

-- deleteRoutesOfProduct
delete from "event_route"
where "instance_id" = $1 and "product_key" = $2;

-- insertEvents
-- bulk insert into event
-- bulk insert into event_delivery

-- insertRoutes
insert into "event_route" ("instance_id", "product_key", "type", "consumer")
values ($1, $2, $3, $4)
on conflict ("instance_id", "product_key", "type", "consumer") do nothing;

-- routesOf
select distinct "product"."key" as "product_key", "product"."instance_id", "event_route"."type", "event_route"."consumer"
from "product"
inner join "event_route" on "event_route"."instance_id" = "product"."instance_id"
where "product"."key" in ($1, $2) and ("event_route"."product_key" = $3 or "event_route"."product_key" = "product"."key") and "event_route"."type" in ($4, $5);

-- setRoutes
delete from "event_route"
where "instance_id" = $1 and "product_key" = $2 and "consumer" like $3;
-- bulk insert into event_route
