-- The statements of queries/uploads.ts with sample parameters. Written by: npm run sql

-- deleteGrantedUpload
delete from "upload"
where "key" = $1 and "state" = $2;

-- findStaleUploads
select "key"
from "upload"
where "state" = $1 and "created_at" < $2 and "stored_at" < $3
limit $4;
select "key"
from "upload"
where "state" = $1 and "created_at" < $2
limit $3;

-- findUpload
select *
from "upload"
where "key" = $1;

-- insertUpload
insert into "upload" ("key", "instance_id", "kind", "state", "size", "md5", "sha256", "created_at", "stored_at")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- lockUpload
select *
from "upload"
where "key" = $1; -- on PostgreSQL: for update

-- markUploadStored
update "upload"
set "state" = $1, "size" = $2, "md5" = $3, "sha256" = $4, "stored_at" = $5
where "key" = $6;

-- markUploadsUsed
update "upload"
set "state" = $1
where "key" in ($2, $3);

-- releaseUnreadList
update "upload"
set "state" = $1
where "key" = $2 and "state" = $3 and not exists (select "job"."id" from "job" where "job"."list_key" = "upload"."key");

-- releaseUnreferencedUploads
update "upload"
set "state" = $1, "stored_at" = $2
where "key" in ($3, $4) and "state" = $5 and not exists (select "firmware_file"."firmware_id" from "firmware_file" where "firmware_file"."upload_key" = "upload"."key");

-- unstoreUpload
update "upload"
set "state" = $1, "size" = $2, "md5" = $3, "sha256" = $4, "stored_at" = $5
where "key" = $6 and "state" = $7;
