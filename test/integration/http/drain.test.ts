import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { type HttpDeps, openHttp } from '../../../src/http/server.ts';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;

it('a server that closes answers what was under way and what reaches it meanwhile, and ends each connection with that', async () => {
  const asked = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  // health is all that is asked for
  const deps = {
    trustedProxies: [],
    async checkReady() {
      asked.resolve();
      await ready.promise;
    },
  } as unknown as HttpDeps;
  const http = await openHttp(deps, { host: '127.0.0.1', port: 0 });
  const late = connect(http.address.port, '127.0.0.1');
  await once(late, 'connect');
  const early = connect(http.address.port, '127.0.0.1');
  early.write(get('/readyz'));
  await asked.promise;

  const closed = http[Symbol.asyncDispose]();
  late.write(get('/healthz'));
  const lateAnswer = await text(late);
  ready.resolve();
  for (const answer of [lateAnswer, await text(early)]) {
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
  }
  await closed;
});
