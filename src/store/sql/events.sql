-- The statements of queries/events.ts with sample parameters. Written by: npm run sql

-- insertEvents
-- bulk insert into event
-- bulk insert into event_delivery

-- routesOf
select distinct "product"."key" as "product_key", "product"."instance_id", "event_route"."type", "event_route"."consumer"
from "product"
inner join "event_route" on "event_route"."instance_id" = "product"."instance_id"
where "product"."key" in ($1, $2) and ("event_route"."product_key" = $3 or "event_route"."product_key" = "product"."key") and "event_route"."type" in ($4, $5);
