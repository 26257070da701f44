-- The statements of queries/searched-devices.ts with sample parameters. Written by: npm run sql

-- heldByDevices
select "device_id", "group_id"
from "device_group_member"
where "device_id" in ($1, $2)
order by "group_id";
select "device_id", "key", "value"
from "device_prop"
where "device_id" in ($1, $2)
order by "key";
select "device_id", "module", "version"
from "module_version"
where "device_id" in ($1, $2)
order by "module";

-- searchedDevice
select "product_key", "name", "nickname", "status", "created_at", "modified_at", "active_at"
from "device"
where "id" = $1;
select "device_id", "group_id"
from "device_group_member"
where "device_id" in ($1)
order by "group_id";
select "device_id", "key", "value"
from "device_prop"
where "device_id" in ($1)
order by "key";
select "device_id", "module", "version"
from "module_version"
where "device_id" in ($1)
order by "module";
