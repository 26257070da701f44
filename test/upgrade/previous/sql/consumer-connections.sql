-- The statements of queries/consumer-connections.ts with sample parameters. Written by: npm run sql

-- connectionsOf
select *
from "consumer_connection"
where "consumer" = $1 and "node_id" in (select "holder" from "lease" where "name" > $2 and "name" < $3 and "until" > $4)
order by "connected_at", "id";

-- deleteConsumerConnections
delete from "consumer_connection"
where "id" in ($1, $2);

-- deleteLostConnections
delete from "consumer_connection"
where "node_id" not in (select "holder" from "lease" where "name" > $1 and "name" < $2 and "until" > $3);

-- putConsumerConnections
insert into "consumer_connection" ("id", "consumer", "node_id", "client_id", "address", "connected_at", "fresh_count", "backlog_count")
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict ("id") do update
set "fresh_count" = "excluded"."fresh_count", "backlog_count" = "excluded"."backlog_count";
