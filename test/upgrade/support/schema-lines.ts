import { type RawBuilder, sql } from 'kysely';
import type { Engine } from '../../../src/store/engine.ts';

/**
 * What a migrated database promises to code: one sorted line for each column, index, constraint and trigger, in the
 * words of its engine. Begins with the kind and the table.
 */
export async function schemaLines(kind: 'sqlite' | 'postgres', engine: Pick<Engine, 'read'>): Promise<string[]> {
  const lines: string[] = [];
  for (const query of kind === 'sqlite' ? sqliteQueries : postgresQueries) {
    const { rows } = await (query as RawBuilder<{ line: string }>).execute(engine.read);
    lines.push(...rows.map(({ line }) => line.replace(/\s+/g, ' ')));
  }
  return lines.filter((line) => !/^\w+ migration\b/.test(line)).sort();
}

/** What code that was written for one schema misses in another. */
export const missing = (before: readonly string[], after: readonly string[]): string[] =>
  before.filter((line) => !after.includes(line));

/** What another schema asks of rows that code does not know to give them. */
export function demands(before: readonly string[], after: readonly string[]): string[] {
  const tableOf = (line: string) => line.split(' ')[1];
  const known = new Set(before.map(tableOf));
  return after.filter(
    (line) =>
      !before.includes(line) &&
      known.has(tableOf(line)) &&
      (/^(unique|key|constraint) /.test(line) || (/^column .* not null/.test(line) && !/ default /.test(line))),
  );
}

const sqliteQueries = [
  sql`select 'column ' || t.name || ' ' || c.name || ' ' || c.type
      || case when c."notnull" or c.pk > 0 then ' not null' else '' end
      || case when c.dflt_value is null then '' else ' default ' || c.dflt_value end as line
    from sqlite_master as t join pragma_table_info(t.name) as c where t.type = 'table'`,
  sql`select 'key ' || t.name || ' (' || group_concat(c.name order by c.pk) || ')' as line
    from sqlite_master as t join pragma_table_info(t.name) as c where t.type = 'table' and c.pk > 0 group by t.name`,
  sql`select case when lower(sql) like 'create unique%' then 'unique ' else 'index ' end || tbl_name || ' ' || sql as line
    from sqlite_master where type = 'index' and sql is not null`,
  sql`select 'unique ' || t.name || ' (' || group_concat(c.name order by c.seqno) || ')' as line
    from sqlite_master as t join pragma_index_list(t.name) as i join pragma_index_info(i.name) as c
    where t.type = 'table' and i.origin = 'u' group by t.name, i.name`,
  sql`select 'constraint ' || t.name || ' (' || f."from" || ') references ' || f."table" || ' (' || coalesce(f."to", '')
      || ') on delete ' || f.on_delete as line
    from sqlite_master as t join pragma_foreign_key_list(t.name) as f where t.type = 'table'`,
  sql`select 'trigger ' || tbl_name || ' ' || sql as line from sqlite_master where type = 'trigger'`,
];

const postgresQueries = [
  sql`select 'column ' || table_name || ' ' || column_name || ' ' || data_type
      || case is_nullable when 'NO' then ' not null' else '' end
      || coalesce(' default ' || column_default, '') as line
    from information_schema.columns where table_schema = 'public'`,
  sql`select case when i.indisprimary then 'key ' when i.indisunique then 'unique ' else 'index ' end
      || i.indrelid::regclass || ' ' || pg_get_indexdef(i.indexrelid) as line
    from pg_index as i join pg_class as c on c.oid = i.indexrelid
    where c.relnamespace = 'public'::regnamespace`,
  sql`select 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) as line
    from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f')`,
  sql`select 'trigger ' || tgrelid::regclass || ' ' || pg_get_triggerdef(oid) as line
    from pg_trigger where not tgisinternal`,
  // what the triggers do
  sql`select 'function ' || proname || ' ' || prosrc as line
    from pg_proc where pronamespace = 'public'::regnamespace`,
];
