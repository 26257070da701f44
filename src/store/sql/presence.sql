-- The statements of queries/presence.ts with sample parameters. Written by: npm run sql

-- connectableDevices
select "id"
from "device"
where "id" in ($1, $2) and "status" <> $3;

-- deletePresence
delete from "presence"
where "device_id" in ($1) and "connection_id" in ($2) returning "device_id";
select "device_id"
from "presence"
where "device_id" in ($1, $2) and "connection_id" in ($3, $4)
order by "device_id"; -- on PostgreSQL: for update
delete from "presence"
where "device_id" in ($1, $2) and "connection_id" in ($3, $4) returning "device_id";

-- insertMissingPresence
insert into "presence" ("device_id", "node_id", "connection_id", "connected_at")
values ($1, $2, $3, $4)
on conflict ("device_id") do nothing returning "device_id";

-- insertPresences
insert into "presence" ("device_id", "node_id", "connection_id", "connected_at")
values ($1, $2, $3, $4)
on conflict ("device_id") do update
set "node_id" = "excluded"."node_id", "connection_id" = "excluded"."connection_id", "connected_at" = "excluded"."connected_at", "replaced_id" = case when presence.node_id <> excluded.node_id then presence.connection_id end returning "device_id", "replaced_id";

-- markDevices
update "device"
set "status" = $1, "status_at" = $2, "history_before" = history_at, "history_at" = case when history_at between $3 and $4 then history_at + 1 else $5 end, "history_count" = history_count + 1, "online_at" = $6, "active_at" = coalesce(active_at, $7), "ip" = case id when $8 then $9 end
where "id" in ($10) and "status" <> $11 returning "id", "product_key", "name", "ip", "status", "active_at", "history_at", "history_before", "history_count";
select "id"
from "device"
where "id" in ($1, $2)
order by "id"; -- on PostgreSQL: for update
update "device"
set "status" = $1, "status_at" = $2, "history_before" = history_at, "history_at" = case when history_at between $3 and $4 then history_at + 1 else $5 end, "history_count" = history_count + 1
where "id" in ($6, $7) and "status" <> $8 returning "id", "product_key", "name", "ip", "status", "active_at", "history_at", "history_before", "history_count";

-- presenceOfDevices
select "presence"."device_id", "presence"."connection_id", "device"."status"
from "presence"
inner join "device" on "device"."id" = "presence"."device_id"
where "presence"."device_id" in ($1, $2);

-- presenceOfNode
select "device_id", "connection_id"
from "presence"
where "node_id" = $1
order by "device_id"
limit $2;
