-- The statements of queries/webhooks.ts with sample parameters. Written by: npm run sql

-- countWebhooks
select count(*) as "count"
from "webhook"
where "instance_id" = $1;

-- deleteWebhook
delete from "webhook"
where "id" = $1;

-- dueWebhooks
select "webhook"."id"
from "webhook"
where "disabled_at" is null and "hold_until" <= $1 and exists (select "event_id" from "event_delivery" where "consumer" = 'webhook:' || webhook.id and "due_at" <= $2);

-- findWebhook
select *
from "webhook"
where "id" = $1;

-- insertWebhook
insert into "webhook" ("id", "instance_id", "url", "description", "types", "products", "secret", "old_secret", "old_secret_until", "disabled_at", "disabled_why", "failing_since", "hold_until", "created_at", "modified_at")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- listWebhooks
select "webhook".*, "instance"."account_id"
from "webhook"
inner join "instance" on "instance"."id" = "webhook"."instance_id"
order by "webhook"."created_at", "webhook"."id";
select "webhook".*, "instance"."account_id"
from "webhook"
inner join "instance" on "instance"."id" = "webhook"."instance_id"
where "webhook"."instance_id" = $1
order by "webhook"."created_at", "webhook"."id";

-- lockWebhook
select *
from "webhook"
where "id" = $1; -- on PostgreSQL: for update

-- noteFailure
update "webhook"
set "failing_since" = coalesce(failing_since, $1)
where "id" = $2 returning "failing_since";

-- noteSuccess
update "webhook"
set "failing_since" = $1
where "id" = $2 and "failing_since" is not null;

-- switchWebhookOff
update "webhook"
set "disabled_at" = $1, "disabled_why" = $2, "modified_at" = $3
where "id" = $4 and "disabled_at" is null;

-- updateWebhook
update "webhook"
set "hold_until" = $1
where "id" = $2;
