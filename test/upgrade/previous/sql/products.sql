-- The statements of queries/products.ts with sample parameters. Written by: npm run sql

-- countDeviceIn
update "product"
set "device_count" = "device_count" + $1
where "key" = $2 and "instance_id" = $3 and "device_count" <= $4;

-- countDeviceOut
update "product"
set "device_count" = "device_count" - $1
where "key" = $2 and "instance_id" = $3;

-- countProducts
select count(*) as "count"
from "product"
where "instance_id" = $1;
select count(*) as "count"
from "product"
where "instance_id" = $1 and "commodity_code" = $2;

-- deleteProduct
delete from "product"
where "key" = $1 and "instance_id" = $2;

-- findProduct
select *
from "product"
where "key" = $1 and "instance_id" = $2;

-- insertProduct
insert into "product" ("key", "instance_id", "name", "secret", "node_type", "data_format", "net_type", "auth_type", "commodity_code", "category_key", "protocol_type", "validate_type", "description", "device_count", "created_at")
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- listProducts
select *
from "product"
where "instance_id" = $1
order by "created_at" desc, "key" desc
limit $2
offset $3;
select *
from "product"
where "instance_id" = $1 and "commodity_code" = $2
order by "created_at" desc, "key" desc
limit $3
offset $4;

-- lockInstance
select "id"
from "instance"
where "id" = $1; -- on PostgreSQL: for update

-- lockPackagesOfProduct
select "id"
from "firmware"
where "product_key" = $1 and "instance_id" = $2
order by "id"; -- on PostgreSQL: for update

-- lockProduct
select *
from "product"
where "key" = $1 and "instance_id" = $2; -- on PostgreSQL: for update

-- updateProduct
update "product"
set "name" = $1, "description" = $2
where "key" = $3 and "instance_id" = $4;
