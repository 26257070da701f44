import { sql } from 'kysely';
import type { ColumnTypes, Migration } from './migration.ts';

/** The tables of `store/schema.ts`; what their columns mean is told there. */
export const initial: Migration = {
  name: '0001-initial',
  async up(db, types) {
    for (const statement of statements(types)) await sql.raw(statement).execute(db);
  },
};

function statements({ text, clustered, updatedOften }: ColumnTypes): string[] {
  return [
    `create table meta (
      key ${text} not null primary key,
      value ${text} not null
    )`,
    `create table account (
      id ${text} not null primary key,
      name ${text} not null,
      created_at bigint not null
    )`,
    `create table ram_user (
      id ${text} not null primary key,
      account_id ${text} not null references account (id),
      name ${text} not null,
      policy ${text},
      created_at bigint not null
    )`,
    'create unique index ram_user_name on ram_user (account_id, name)',
    `create table access_key (
      id ${text} not null primary key,
      account_id ${text} not null references account (id),
      user_id ${text},
      secret ${text} not null,
      active smallint not null,
      created_at bigint not null
    )`,
    'create index access_key_account on access_key (account_id)',
    `create table instance (
      id ${text} not null primary key,
      account_id ${text} not null references account (id),
      name ${text} not null,
      is_public smallint not null,
      created_at bigint not null
    )`,
    'create index instance_account on instance (account_id)',
    'create unique index instance_public on instance (account_id) where is_public = 1',
    `create table nonce (
      access_key_id ${text} not null,
      nonce ${text} not null,
      expires_at bigint not null,
      primary key (access_key_id, nonce)
    ) ${clustered}`,
    'create index nonce_expiry on nonce (expires_at)',
    `create table product (
      key ${text} not null primary key,
      instance_id ${text} not null references instance (id),
      name ${text} not null,
      secret ${text} not null,
      node_type integer not null,
      data_format integer,
      net_type ${text} not null,
      auth_type ${text} not null,
      commodity_code ${text} not null,
      category_key ${text},
      protocol_type ${text},
      validate_type integer not null,
      description ${text} not null,
      device_count integer not null,
      created_at bigint not null
    )`,
    'create unique index product_name on product (instance_id, name)',
    'create index product_age on product (instance_id, created_at)',
    `create table device (
      id ${text} not null primary key,
      instance_id ${text} not null,
      product_key ${text} not null references product (key),
      name ${text} not null,
      secret ${text} not null,
      nickname ${text} not null,
      status integer not null,
      active_at bigint,
      online_at bigint,
      status_at bigint not null,
      ip ${text},
      created_at bigint not null,
      modified_at bigint not null
    )`,
    'create unique index device_name on device (product_key, name)',
    'create index device_product on device (product_key, id)',
    `create table presence (
      device_id ${text} not null primary key references device (id) on delete cascade,
      node_id ${text} not null,
      connection_id ${text} not null,
      connected_at bigint not null
    )`,
    'create index presence_node on presence (node_id, device_id)',
    `create table module_version (
      device_id ${text} not null references device (id) on delete cascade,
      module ${text} not null,
      version ${text} not null,
      reported_at bigint not null,
      primary key (device_id, module)
    ) ${clustered}`,
    `create table device_group (
      id ${text} not null primary key,
      instance_id ${text} not null,
      name ${text} not null,
      description ${text} not null,
      type ${text} not null,
      parent_id ${text},
      level integer not null,
      created_at bigint not null
    )`,
    'create unique index device_group_name on device_group (instance_id, name)',
    'create index device_group_parent on device_group (instance_id, parent_id)',
    `create table device_group_member (
      group_id ${text} not null references device_group (id) on delete cascade,
      device_id ${text} not null references device (id) on delete cascade,
      added_at bigint not null,
      primary key (group_id, device_id)
    ) ${clustered}`,
    'create index device_group_member_device on device_group_member (device_id)',
    `create table upload (
      key ${text} not null primary key,
      instance_id ${text} not null,
      kind ${text} not null,
      state ${text} not null,
      size bigint,
      md5 ${text},
      sha256 ${text},
      created_at bigint not null,
      stored_at bigint
    )`,
    'create index upload_state on upload (state, created_at)',
    `create table firmware (
      id ${text} not null primary key,
      instance_id ${text} not null,
      product_key ${text},
      name ${text} not null,
      description ${text} not null,
      module ${text} not null,
      type integer not null,
      src_version ${text} not null,
      dest_version ${text} not null,
      sign_method ${text} not null,
      status integer not null,
      udi ${text} not null,
      created_at bigint not null,
      modified_at bigint not null
    )`,
    'create unique index firmware_name on firmware (instance_id, name)',
    'create index firmware_instance on firmware (instance_id, id)',
    'create index firmware_product on firmware (product_key)',
    `create table firmware_file (
      firmware_id ${text} not null references firmware (id) on delete cascade,
      position integer not null,
      name ${text} not null,
      upload_key ${text} not null,
      size bigint not null,
      md5 ${text} not null,
      sign ${text} not null,
      primary key (firmware_id, position)
    )`,
    'create index firmware_file_upload on firmware_file (upload_key)',
    `create table job (
      id ${text} not null primary key,
      instance_id ${text} not null,
      firmware_id ${text} not null,
      product_key ${text} not null,
      type ${text} not null,
      selection ${text} not null,
      target ${text} not null,
      status ${text} not null,
      firmware_name ${text} not null,
      module ${text} not null,
      src_version ${text} not null,
      dest_version ${text} not null,
      is_diff smallint not null,
      src_versions ${text} not null,
      retry_interval integer,
      retry_count integer,
      timeout_minutes integer,
      maximum_per_minute integer not null,
      overwrite_mode integer not null,
      need_push smallint not null,
      need_confirm smallint not null,
      multi_module smallint not null,
      download_protocol ${text} not null,
      group_id ${text},
      gray_percent ${text},
      dynamic_mode integer,
      tags ${text} not null,
      created_at bigint not null,
      modified_at bigint not null,
      schedule_at bigint,
      schedule_finish_at bigint,
      started_at bigint,
      ended_at bigint,
      task_total integer not null,
      cursor ${text},
      due_at bigint,
      push_minute bigint not null,
      pushed integer not null
    )`,
    'create index job_firmware on job (firmware_id, id)',
    'create index job_due on job (due_at) where due_at is not null',
    `create table job_target (
      job_id ${text} not null references job (id) on delete cascade,
      position integer not null,
      device_name ${text} not null,
      primary key (job_id, position)
    ) ${clustered}`,
    // No foreign keys: they would be checked a million times for a job.
    `create table task (
      job_id ${text} not null,
      seq integer not null,
      device_id ${text} not null,
      device_name ${text} not null,
      src_version ${text} not null,
      status ${text} not null,
      description ${text} not null,
      progress integer not null,
      active_module ${text},
      retries integer not null,
      created_at bigint not null,
      modified_at bigint not null,
      first_progress_at bigint,
      retry_at bigint,
      due_at bigint,
      primary key (job_id, seq)
    ) ${clustered} ${updatedOften}`,
    'create unique index task_active on task (device_id, active_module) where active_module is not null',
    'create index task_status on task (job_id, status, seq)',
    'create index task_device_name on task (job_id, device_name)',
    'create index task_due on task (due_at) where due_at is not null',
    `create table task_count (
      job_id ${text} not null,
      status ${text} not null,
      block integer not null,
      count integer not null,
      primary key (job_id, status, block)
    ) ${clustered} ${updatedOften}`,
    `create table lease (
      name ${text} not null primary key,
      holder ${text} not null,
      until bigint not null
    )`,
  ];
}
