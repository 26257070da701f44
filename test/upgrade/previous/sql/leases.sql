-- The statements of queries/leases.ts with sample parameters. Written by: npm run sql

-- releaseLease
delete from "lease"
where "name" = $1 and "holder" = $2;

-- takeLease
insert into "lease" ("name", "holder", "until")
values ($1, $2, $3)
on conflict ("name") do update
set "holder" = $4, "until" = $5
where ("lease"."holder" = $6 or "lease"."until" <= $7);
