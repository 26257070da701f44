-- The statements of queries/topology.ts with sample parameters. Written by: npm run sql

-- removeTopology
delete from "topology"
where "device_id" = $1;
delete from "topology"
where "gateway_id" = $1;
