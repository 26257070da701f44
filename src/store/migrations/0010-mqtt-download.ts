import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** The number under which devices fetch the file of a job over MQTT. */
export const mqttDownload: Migration = {
  name: '0010-mqtt-download',
  async up(db) {
    // null in every row that there is: their files are fetched over HTTP
    await sql`alter table job add column stream_id bigint`.execute(db);
    await sql`create unique index job_stream on job (stream_id) where stream_id is not null`.execute(db);
  },
};
