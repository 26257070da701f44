-- The statements of queries/task-attempts.ts with sample parameters. Written by: npm run sql

-- putTaskAttempts
insert into task_attempt ("job_id", "seq", "slot", "number", "at", "cause", "description", "progress", "src_version")
select cast($1 as text) as "job_id", cast(value ->> 0 as bigint) as "seq", cast($2 as integer) as "slot", cast($3 as integer) as "number", cast($4 as bigint) as "at", cast($5 as text) as "cause", cast($6 as text) as "description", cast(value ->> 1 as integer) as "progress", cast($7 as text) as "src_version"
from json_each($8)
where true
on conflict (job_id, seq, slot) do update
set "number" = excluded."number", "at" = excluded."at", "cause" = excluded."cause", "description" = excluded."description", "progress" = excluded."progress", "src_version" = excluded."src_version";

-- taskAttempts
select *
from "task_attempt"
where "job_id" = $1 and "seq" = $2
order by "number" desc;
