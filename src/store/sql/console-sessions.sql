-- The statements of queries/console-sessions.ts with sample parameters. Written by: npm run sql

-- deleteExpiredSessions
delete from "console_session"
where "expires_at" < $1;

-- deleteSession
delete from "console_session"
where "token_hash" = $1;

-- deleteSessionsOf
delete from "console_session"
where "user_id" = $1;
delete from "console_session"
where "access_key_id" = $1;

-- extendSession
update "console_session"
set "expires_at" = $1
where "token_hash" = $2;

-- insertSession
insert into "console_session" ("token_hash", "account_id", "user_id", "access_key_id", "password_at", "created_at", "expires_at")
values ($1, $2, $3, $4, $5, $6, $7);

-- readSession
select "session"."account_id", "session"."user_id", "session"."access_key_id", "session"."password_at", "session"."created_at", "session"."expires_at", "account"."name" as "account_name", "account"."password_at" as "account_password_at", "ram_user"."name" as "user_name", "ram_user"."policy", "ram_user"."active" as "user_active", "ram_user"."password_at" as "user_password_at", "access_key"."active" as "key_active", "instance"."id" as "public_instance_id"
from "console_session" as "session"
inner join "account" on "account"."id" = "session"."account_id"
left join "ram_user" on "ram_user"."id" = "session"."user_id"
left join "access_key" on "access_key"."id" = "session"."access_key_id"
left join "instance" on "instance"."account_id" = "session"."account_id" and "instance"."is_public" = 1
where "session"."token_hash" = $1;
