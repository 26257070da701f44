-- The statements of queries/presence.ts with sample parameters. Written by: npm run sql

-- deadNodes
select "holder"
from "lease"
where "name" > $1 and "name" < $2 and "until" <= $3;

-- deletePresence
delete from "presence"
where "device_id" = $1 and "connection_id" = $2;

-- hasOtherNodes
select "name"
from "lease"
where "name" > $1 and "name" < $2 and "until" > $3 and "holder" <> $4
limit $5;

-- insertPresence
insert into "presence" ("device_id", "node_id", "connection_id", "connected_at")
values ($1, $2, $3, $4)
on conflict ("device_id") do update
set "node_id" = $5, "connection_id" = $6, "connected_at" = $7;

-- lockDeadNode
select "name"
from "lease"
where "name" = $1 and "until" <= $2; -- on PostgreSQL: for update

-- markDevice
update "device"
set "status" = $1, "status_at" = $2, "online_at" = $3, "active_at" = coalesce(active_at, $4), "ip" = $5
where "id" = $6 and "status" <> $7 returning "id", "product_key", "name", "ip";
update "device"
set "status" = $1, "status_at" = $2
where "id" = $3 and "status" <> $4 returning "id", "product_key", "name", "ip";

-- presenceOfNode
select "device_id", "connection_id"
from "presence"
where "node_id" = $1
order by "device_id"
limit $2;

-- releaseNodeLease
delete from "lease"
where "name" = $1;

-- renewNodeLease
insert into "lease" ("name", "holder", "until")
values ($1, $2, $3)
on conflict ("name") do update
set "until" = $4;
