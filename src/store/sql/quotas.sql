-- The statements of queries/quotas.ts with sample parameters. Written by: npm run sql

-- deleteOldQuotas
delete from "quota"
where "window_start" < $1;

-- takeQuota
insert into "quota" ("key", "window_start", "taken")
values ($1, $2, $3)
on conflict ("key") do update
set "window_start" = case when quota.window_start between $4 and $5 then quota.window_start else excluded.window_start end, "taken" = case when quota.window_start between $6 and $7 then quota.taken else 0 end + excluded.taken returning "taken";
