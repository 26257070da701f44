-- The statements of queries/nonces.ts with sample parameters. Written by: npm run sql

-- deleteExpiredNonces
delete from "nonce"
where "expires_at" < $1;

-- useNonce
insert into "nonce" ("access_key_id", "nonce", "expires_at")
values ($1, $2, $3)
on conflict ("access_key_id", "nonce") do update
set "expires_at" = $4
where "nonce"."expires_at" < $5;
