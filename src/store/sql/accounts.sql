-- The statements of queries/accounts.ts with sample parameters. Written by: npm run sql

-- deleteAccessKey
delete from "access_key"
where "id" = $1;

-- findAccessKey
select "access_key"."id", "access_key"."account_id", "access_key"."user_id", "access_key"."secret", "access_key"."active", "ram_user"."name" as "user_name", "ram_user"."policy", "ram_user"."active" as "user_active", "instance"."id" as "public_instance_id"
from "access_key"
left join "ram_user" on "ram_user"."id" = "access_key"."user_id"
left join "instance" on "instance"."account_id" = "access_key"."account_id" and "instance"."is_public" = 1
where "access_key"."id" = $1;

-- findAccount
select *
from "account"
where "id" = $1;

-- findInstance
select "id"
from "instance"
where "id" = $1 and "account_id" = $2 and "is_public" = $3;

-- findPublicInstance
select "id"
from "instance"
where "account_id" = $1 and "is_public" = $2;

-- insertAccessKey
insert into "access_key" ("id", "account_id", "user_id", "secret", "active", "created_at")
values ($1, $2, $3, $4, $5, $6);

-- insertAccount
insert into "account" ("id", "name", "created_at")
values ($1, $2, $3);

-- insertInstance
insert into "instance" ("id", "account_id", "name", "is_public", "created_at")
values ($1, $2, $3, $4, $5);

-- insertUser
insert into "ram_user" ("id", "account_id", "name", "policy", "created_at")
values ($1, $2, $3, $4, $5);

-- listAccessKeys
select "access_key"."id", "access_key"."account_id", "account"."name" as "account_name", "access_key"."user_id", "ram_user"."name" as "user_name", "access_key"."active", "access_key"."created_at"
from "access_key"
inner join "account" on "account"."id" = "access_key"."account_id"
left join "ram_user" on "ram_user"."id" = "access_key"."user_id"
order by "access_key"."created_at", "access_key"."id";

-- setAccessKeyActive
update "access_key"
set "active" = $1
where "id" = $2;
