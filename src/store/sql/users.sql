-- The statements of queries/users.ts with sample parameters. Written by: npm run sql

-- countActiveOwnKeys
select count(*) as "count"
from "access_key"
where "access_key"."account_id" = $1 and "access_key"."user_id" is null and "access_key"."active" = $2;

-- countKeysOf
select count(*) as "count"
from "access_key"
where "access_key"."account_id" = $1;
select count(*) as "count"
from "access_key"
where "access_key"."account_id" = $1 and "access_key"."user_id" is null;
select count(*) as "count"
from "access_key"
where "access_key"."account_id" = $1 and "access_key"."user_id" = $2;

-- countUsers
select count(*) as "count"
from "ram_user"
where "account_id" = $1;

-- deleteUser
delete from "access_key"
where "account_id" = $1 and "user_id" = $2;
delete from "ram_user"
where "id" = $1;

-- findKeyOf
select "access_key"."id", "access_key"."user_id", "access_key"."active", "ram_user"."policy"
from "access_key"
left join "ram_user" on "ram_user"."id" = "access_key"."user_id"
where "access_key"."account_id" = $1 and "access_key"."id" = $2;

-- findUser
select *
from "ram_user"
where "id" = $1 and "account_id" = $2;

-- findUserByName
select *
from "ram_user"
where "account_id" = $1 and "name" = $2;

-- listKeysOf
select "access_key"."id", "access_key"."user_id", "access_key"."active", "access_key"."created_at", "ram_user"."name" as "user_name", "ram_user"."active" as "user_active"
from "access_key"
left join "ram_user" on "ram_user"."id" = "access_key"."user_id"
where "access_key"."account_id" = $1
order by "access_key"."created_at", "access_key"."id"
limit $2
offset $3;
select "access_key"."id", "access_key"."user_id", "access_key"."active", "access_key"."created_at", "ram_user"."name" as "user_name", "ram_user"."active" as "user_active"
from "access_key"
left join "ram_user" on "ram_user"."id" = "access_key"."user_id"
where "access_key"."account_id" = $1 and "access_key"."user_id" = $2
order by "access_key"."created_at", "access_key"."id"
limit $3
offset $4;

-- listUsers
select *
from "ram_user"
where "account_id" = $1
order by "name"
limit $2
offset $3;

-- lockAccount
select *
from "account"
where "id" = $1; -- on PostgreSQL: for update

-- setAccountPassword
update "account"
set "password_hash" = $1, "password_at" = $2
where "id" = $3;

-- updateUser
update "ram_user"
set "name" = $1, "policy" = $2, "password_hash" = $3, "password_at" = $4, "active" = $5
where "id" = $6;
