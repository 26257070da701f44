-- The statements of queries/enrolments.ts with sample parameters. Written by: npm run sql

-- findProductForRegistration
select "key", "instance_id", "node_type", "secret", "dynamic_registration"
from "product"
where "key" = $1;

-- findToken
select "client_id", "token"
from "device_enrolment"
where "device_id" = $1;

-- forgetToken
update "device_enrolment"
set "client_id" = $1, "token" = $2
where "device_id" = $3;

-- listAllProducts
select "product"."key", "product"."name", "product"."node_type", "product"."device_count", "product"."dynamic_registration", "instance"."id" as "instance_id", "instance"."account_id", "account"."name" as "account_name"
from "product"
inner join "instance" on "instance"."id" = "product"."instance_id"
inner join "account" on "account"."id" = "instance"."account_id"
order by "product"."created_at", "product"."key";

-- lockForRegistration
select "id", "name", "secret", "status", "active_at", "online_at"
from "device"
where "product_key" = $1 and "name" = $2; -- on PostgreSQL: for update
select "reset_at"
from "device_enrolment"
where "device_id" = $1;

-- reopenRegistration
insert into "device_enrolment" ("device_id", "client_id", "token", "reset_at")
values ($1, $2, $3, $4)
on conflict ("device_id") do update
set "reset_at" = $5;

-- setDynamicRegistration
update "product"
set "dynamic_registration" = $1
where "key" = $2;

-- setSecret
update "device"
set "secret" = $1, "modified_at" = $2
where "id" = $3;

-- setToken
insert into "device_enrolment" ("device_id", "client_id", "token", "reset_at")
values ($1, $2, $3, $4)
on conflict ("device_id") do update
set "client_id" = $5, "token" = $6;
