-- The statements of queries/device-history.ts with sample parameters. Written by: npm run sql

-- deleteHistoryFrom
with recursive chain ("at", "device_id", "before_at", "status", "reason", "address", "node_id", "surplus", steps) as ( select "at", "device_id", "before_at", "status", "reason", "address", "node_id", "surplus", 0 from device_history where at = $1 and device_id = $2 union all select "older"."at", "older"."device_id", "older"."before_at", "older"."status", "older"."reason", "older"."address", "older"."node_id", "older"."surplus", chain.steps + 1 from chain join device_history as older on older.at = chain.before_at and older.device_id = chain.device_id where chain.steps < $3 ) delete from device_history
where (at, device_id) in (select at, device_id from chain);

-- deleteOldDeviceHistory
select "at"
from "device_history"
where "at" < $1
order by "at"
limit $2
offset $3;
delete from "device_history"
where "at" <= $1;

-- deleteSurplusHistory
select "at", "device_id"
from "device_history"
where "surplus" is not null
order by "at", "device_id"
limit $1; -- on PostgreSQL: for update
with recursive chain ("at", "device_id", "before_at", "status", "reason", "address", "node_id", "surplus", steps) as ( select "at", "device_id", "before_at", "status", "reason", "address", "node_id", "surplus", 0 from device_history where surplus is not null and (at, device_id) in (select cast($1 as bigint) as "at", cast($2 as text) as "device_id" from json_each($3)) union all select "older"."at", "older"."device_id", "older"."before_at", "older"."status", "older"."reason", "older"."address", "older"."node_id", "older"."surplus", chain.steps + 1 from chain join device_history as older on older.at = chain.before_at and older.device_id = chain.device_id where chain.steps < $4 ) delete from device_history
where (at, device_id) in (select at, device_id from chain where steps >= $5);
update device_history
set surplus = null
where surplus is not null and (at, device_id) in (select cast($1 as bigint) as "at", cast($2 as text) as "device_id" from json_each($3));

-- historyFrom
with recursive chain ("at", "device_id", "before_at", "status", "reason", "address", "node_id", "surplus", steps) as ( select "at", "device_id", "before_at", "status", "reason", "address", "node_id", "surplus", 0 from device_history where at = $1 and device_id = $2 union all select "older"."at", "older"."device_id", "older"."before_at", "older"."status", "older"."reason", "older"."address", "older"."node_id", "older"."surplus", chain.steps + 1 from chain join device_history as older on older.at = chain.before_at and older.device_id = chain.device_id where chain.steps < $3 )
select "at", "device_id", "before_at", "status", "reason", "address", "node_id", "surplus"
from chain
order by steps;

-- insertDeviceHistory
insert into device_history ("at", "device_id", "before_at", "status", "reason", "address", "node_id", "surplus")
select cast($1 as bigint) as "at", cast($2 as text) as "device_id", cast($3 as bigint) as "before_at", cast($4 as integer) as "status", cast($5 as text) as "reason", cast($6 as text) as "address", cast($7 as text) as "node_id", cast($8 as integer) as "surplus"
from json_each($9)
where true
on conflict (at, device_id) do nothing;
