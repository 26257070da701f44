import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type Otaru, startOtaru } from '../../acceptance/support/otaru.ts';
import { postgresUrl, runAsAdmin } from '../../support/postgres.ts';
import { startS3Server } from '../../support/s3-server.ts';
import { openBalancer } from './balancer.ts';

/** Several `otaru serve` on one PostgreSQL and one S3 store, behind a balancer. */
export interface Nodes extends AsyncDisposable {
  readonly all: readonly Otaru[];
  /** The balancer, as clients and devices see it. */
  readonly http: string;
  readonly mqtt: string;
  /** Starts one more node and lets the balancer know it. */
  join(): Promise<Otaru>;
  /** A look into the database from outside. */
  sql<Row>(statement: string): Promise<Row[]>;
}

export async function startNodes(count: number): Promise<Nodes> {
  await using stack = new AsyncDisposableStack();
  const socket = inject('postgresSocket');
  const database = `cluster_${randomBytes(6).toString('hex')}`;
  await runAsAdmin(socket, `create database ${database}`);
  const s3 = stack.use(await startS3Server());
  const http = stack.use(await openBalancer());
  const mqtt = stack.use(await openBalancer());
  const origin = `http://127.0.0.1:${http.port}`;
  const variables = {
    OTARU_DATABASE_URL: postgresUrl(socket, database),
    OTARU_BLOBS: s3.url,
    OTARU_S3_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    OTARU_S3_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    OTARU_MASTER_KEY: randomBytes(32).toString('base64'),
    OTARU_PUBLIC_URL: origin,
    OTARU_LIMITS: 'open',
    // what is said then is a defect
    OTARU_LOG_LEVEL: 'error',
  };
  const all: Otaru[] = [];
  const enter = async (owner: AsyncDisposableStack) => {
    const node = owner.use(await startOtaru(variables));
    http.add(node.http);
    mqtt.add(node.mqtt);
    all.push(node);
    return node;
  };
  // at once: they make the tables and the root account of an empty database together
  await Promise.all(Array.from({ length: count }, () => enter(stack)));
  const running = stack.move();
  return {
    all,
    http: origin,
    mqtt: `mqtt://127.0.0.1:${mqtt.port}`,
    join: () => enter(running),
    sql: async <Row>(statement: string) => (await runAsAdmin(socket, statement, database)) as Row[],
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
