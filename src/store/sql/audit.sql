-- The statements of queries/audit.ts with sample parameters. Written by: npm run sql

-- deleteOldAudit
select "at"
from "audit"
where "at" < $1
order by "at", "request_id"
limit $2
offset $3;
delete from "audit"
where "at" <= $1;

-- endOfAudit
select "at", "request_id"
from "audit"
where "account_id" = $1
order by "at" desc, "request_id" desc
limit $2
offset $3;
select "at", "request_id"
from "audit"
where "account_id" = $1 and "at" >= $2 and "at" < $3 and "at" <= $4 and ("at" < $5 or "request_id" < $6)
order by "at" desc, "request_id" desc
limit $7
offset $8;

-- listAudit
select *
from "audit"
order by "at" desc, "request_id" desc
limit $1;
select *
from "audit"
where "at" >= $1 and "at" < $2 and "at" <= $3 and ("at" < $4 or "request_id" < $5)
order by "at" desc, "request_id" desc
limit $6;
select *
from "audit"
where "action" = $1 and "access_key_id" = $2 and ("user_id" = $3 or "user_name" = $4) and "result" = $5
order by "at" desc, "request_id" desc
limit $6;
select *
from "audit"
where "result" <> $1 and ("target" like $2 escape '\' or "made" like $3 escape '\')
order by "at" desc, "request_id" desc
limit $4;

-- listAuditIn
select "stretch".*
from (select * from "audit" where "account_id" = $1 order by "at" desc, "request_id" desc limit $2) as "stretch"
order by "at" desc, "request_id" desc
limit $3;
select "stretch".*
from (select * from "audit" where "account_id" = $1 and "at" >= $2 and "at" < $3 and "at" <= $4 and ("at" < $5 or "request_id" < $6) order by "at" desc, "request_id" desc limit $7) as "stretch"
where "action" = $8 and ("user_id" = $9 or "user_name" = $10) and "result" <> $11 and ("target" like $12 escape '\' or "made" like $13 escape '\')
order by "at" desc, "request_id" desc
limit $14;

-- putAudit
insert into "audit" ("at", "request_id", "source", "account_id", "user_id", "user_name", "access_key_id", "address", "action", "target", "made", "result")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict ("at", "request_id") do update
set "result" = $13;
