import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { createWebhookSender } from '../../../src/events-out/webhook-sender.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { webhookSecret } from '../../../src/wire/standard-webhooks.ts';
import { makeCertificate } from '../../support/certificate.ts';

const allow = {
  hosts: [],
  subnets: ['127.0.0.1', '::1'].map((address) => ({ address, prefix: address === '::1' ? 128 : 32 })),
};
const send = createWebhookSender({ clock: systemClock, allow });
const message = { id: 'msg_1', body: '{}' };
const target = (url: string) => ({ url, secrets: [webhookSecret(Buffer.alloc(32))] });

/** @returns the port, and what closes the server with its connections */
async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it('a webhook over TLS goes to a receiver whose certificate is good for its name, and to no other', async () => {
  const { cert, key } = makeCertificate();
  const names: unknown[] = [];
  const server = createTlsServer({ cert, key }, (request, response) => {
    names.push((request.socket as { servername?: unknown }).servername);
    response.writeHead(204).end();
  });
  await using receiver = await listen(server);
  const untrusted = await send(target(`https://localhost:${receiver.port}/`), message);
  expect(untrusted).toMatchObject({ kind: 'failed', reason: expect.stringContaining('self-signed certificate') });
  const usual = getCACertificates('default');
  setDefaultCACertificates([cert]);
  try {
    expect(await send(target(`https://localhost:${receiver.port}/`), message)).toMatchObject({ status: 204 });
    expect(await send(target(`https://127.0.0.1:${receiver.port}/`), message)).toMatchObject({ status: 204 });
  } finally {
    setDefaultCACertificates(usual);
  }
  expect(names).toEqual(['localhost', false]);
});

it.each([
  ['closes at once', '', 'the connection was closed before an answer came'],
  ['speaks something else', 'SSH-2.0-OpenSSH_9.6\r\n', /HPE_INVALID/],
  ['sends headers without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`, /HPE_HEADER_OVERFLOW/],
])('a receiver that %s is a failure with a reason', async (_what, answer, reason) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(answer);
    socket.resume();
  });
  await using receiver = await listen(server);
  const result = await send(target(`http://127.0.0.1:${receiver.port}/`), message);
  expect(result).toMatchObject({
    kind: 'failed',
    reason: reason instanceof RegExp ? expect.stringMatching(reason) : reason,
  });
});

it('a host that nobody knows is a failure with a reason', async () => {
  const result = await send(target('http://hooks.invalid/'), message);
  expect(result).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^the (host name|name server) /) });
});
