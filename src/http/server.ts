import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { BlobStore } from '../blob/blob-store.ts';
import type { Address } from '../config/env.ts';
import type { Counter } from '../domain/counter.ts';
import type { FailedAttempts } from '../domain/failed-attempts.ts';
import { Failure } from '../domain/failure.ts';
import type { Turnstile } from '../lib/turnstile.ts';
import { createNetworkCheck, type Network } from '../net/networks.ts';
import { refusal } from './answer.ts';
import { createBodyReader, MAX_BODY_BYTES } from './body.ts';
import { fallbackFormat, header } from './call.ts';
import { addConsole, type ConsoleDeps } from './console.ts';
import { handleAuth, handleUnreadable, handleUplink } from './device-channel.ts';
import { handleDownload } from './download.ts';
import { addressOf, bodyOf, rawCall, send } from './exchange.ts';
import { handleRegistration, refuseRegistration } from './register.ts';
import { answerCall, signed } from './rpc.ts';
import { handleUpload } from './upload.ts';

export interface HttpDeps extends ConsoleDeps {
  /** Counts what devices do without MQTT. */
  readonly deviceRate: Counter;
  /** Watches over what addresses try in vain; nobody without it. */
  readonly attempts?: FailedAttempts;
  readonly blobs: BlobStore;
  /** Networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly Network[];
  /** Address within those proxies, all of them nginx, under which they find the files of packages. */
  readonly accelPath?: string | undefined;
  /** Bounds the requests of devices that are under way and wait; none without it. */
  readonly devices?: Turnstile;
  /** Resolves when the server can do its work; rejects or throws otherwise. */
  readonly checkReady: () => Promise<void>;
}

export interface HttpServer extends AsyncDisposable {
  readonly address: Address;
}

/** Clients put lists of 10,000 names into the query (openapi-devices 3): a request line of 1 MiB and the headers must fit. */
const MAX_HEAD_BYTES = 1_048_576 + 64 * 1024;
const isMultipart = (request: FastifyRequest) =>
  request.headers['content-type']?.trim().toLowerCase().startsWith('multipart/') === true;

/** Where devices post (device-protocol 2.2, 7). */
const DEVICE_PATH = /^\/+(auth|topic)\b/;

/** API, upload, download, devices without MQTT, and health on one port. */
export async function openHttp(deps: HttpDeps, listen: Address): Promise<HttpServer> {
  const refuse = (request: FastifyRequest, reply: FastifyReply, failure: Failure) =>
    send(
      reply,
      refusal(fallbackFormat(request.headers), failure, {
        requestId: deps.ids.requestId(),
        action: '',
        host: header(request.headers, 'host') ?? '',
      }),
    );
  const refuseBroken = (
    error: Error & { code?: string; statusCode?: number },
    ...to: [FastifyRequest, FastifyReply]
  ) => {
    if (error instanceof Failure) return refuse(...to, error);
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return refuse(...to, new Failure('gateway.requestTooLarge'));
    if ((error.statusCode ?? 500) < 500)
      return refuse(...to, new Failure('gateway.invalidParameter', { Parameter: 'Request' }));
    deps.log.error({ err: error }, 'request failed unexpectedly');
    return refuse(...to, new Failure('gateway.internal'));
  };
  const channel = {
    async errorHandler(_error: Error, request: FastifyRequest, reply: FastifyReply) {
      reply.hijack();
      await handleUnreadable(deviceRequest(request), reply.raw, deps);
    },
  };

  const isProxy = createNetworkCheck(deps.trustedProxies);
  const accel = deps.accelPath === undefined ? undefined : { path: deps.accelPath, isNginx: isProxy };

  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    http: { maxHeaderSize: MAX_HEAD_BYTES, requestTimeout: 0 },
    // the API reads its own query, and a parsed one of 10,000 names would be made for nothing
    routerOptions: { querystringParser: () => ({}), ignoreDuplicateSlashes: true },
    forceCloseConnections: 'idle',
    // what arrives while it closes is answered; a client takes 503 for more than the end of a connection
    return503OnClosing: false,
    trustProxy: deps.trustedProxies.length > 0 ? isProxy : false,
    // an address whose escapes are malformed: no route was looked for
    frameworkErrors(error, request, reply) {
      const isDevice = request.method === 'POST' && DEVICE_PATH.test(request.raw.url ?? '');
      if (isDevice) void channel.errorHandler(error, request, reply);
      else void refuseBroken(error, request, reply);
    },
    clientErrorHandler(error, socket) {
      if (!socket.writable) return;
      const key =
        (error as { code?: string }).code === 'HPE_HEADER_OVERFLOW'
          ? 'gateway.requestTooLarge'
          : 'gateway.invalidParameter';
      const details = { Parameter: 'Request' };
      const { body } = refusal('xml', new Failure(key, details), {
        requestId: deps.ids.requestId(),
        action: '',
        host: '',
      });
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/xml;charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
  });
  let closing = false;
  const endWhenClosing = async (reply: FastifyReply) => {
    if (closing) reply.raw.shouldKeepAlive = false;
  };
  // those that write their answers themselves have no other hook than the first
  app.addHook('onRequest', (_request, reply) => endWhenClosing(reply));
  app.addHook('onSend', (_request, reply) => endWhenClosing(reply));
  const readBody = createBodyReader(deps.clock, () => deps.meters?.turnedAway('bodies'));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => {
    // an upload is read by its own handler, as a stream
    if (isMultipart(request)) return done(null);
    readBody(payload, done);
  });

  // the console below takes over what is set by then
  app.setNotFoundHandler((request, reply) => refuse(request, reply, new Failure('gateway.unknownAction')));
  app.setErrorHandler(refuseBroken);

  app.all('/', async (request, reply) => {
    if (request.method === 'POST' && isMultipart(request)) {
      reply.hijack();
      await handleUpload(request.raw, reply.raw, deps);
      return reply;
    }
    return send(reply, await answerCall(deps, rawCall(request), signed));
  });
  // devices need `Content-Length` in exactly this spelling, so this route writes through the raw response (storage-and-events 2.2)
  app.route({
    method: ['GET', 'HEAD'],
    url: '/ota/*',
    async handler(request, reply) {
      reply.hijack();
      await handleDownload(request.raw, reply.raw, { ...deps, accel });
      return reply;
    },
  });
  const registration = {
    async errorHandler(_error: Error, request: FastifyRequest, reply: FastifyReply) {
      reply.hijack();
      refuseRegistration(deviceRequest(request), reply.raw);
    },
  };
  app.post('/auth/register/device', registration, async (request, reply) => {
    reply.hijack();
    await handleRegistration(deviceRequest(request), reply.raw, deps);
    return reply;
  });
  app.post('/auth', channel, async (request, reply) => {
    reply.hijack();
    await handleAuth(deviceRequest(request), reply.raw, deps);
    return reply;
  });
  app.post<{ Params: { '*': string } }>('/topic/*', channel, async (request, reply) => {
    reply.hijack();
    await handleUplink({ ...deviceRequest(request), topic: `/${request.params['*']}` }, reply.raw, deps);
    return reply;
  });
  await app.register(async (scope) => addConsole(scope, deps));
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await deps.checkReady();
      return { status: 'ready' };
    } catch (err) {
      deps.log.warn({ err }, 'not ready');
      return reply.code(503).send({ status: 'not ready' });
    }
  });

  await app.listen({ host: listen.host, port: listen.port });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('HTTP listens on no port');
  return {
    address: { host: listen.host, port: address.port },
    async [Symbol.asyncDispose]() {
      closing = true;
      await app.close();
    },
  };
}

const deviceRequest = (request: FastifyRequest) => ({
  raw: request.raw,
  body: bodyOf(request),
  ip: addressOf(request),
});
