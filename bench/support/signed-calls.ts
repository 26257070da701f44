import { connect } from 'node:net';
import { type ApiParameters, flatParameters, signedHeaders } from '../../src/cli/api-client.ts';
import { canonicalQuery } from '../../src/wire/percent.ts';

/** A call that can be made any number of times, each time signed anew. */
export interface SignedCall {
  readonly action: string;
  readonly parameters: ApiParameters;
  /** Text that its answer has to hold: a call that is refused or answers something else ends the measurement. */
  readonly expect: string;
}

/** Where calls go to and who makes them. */
export interface Caller {
  /** Origin of the API. */
  readonly endpoint: string;
  readonly key: { readonly accessKeyId: string; readonly accessKeySecret: string };
}

/** The bytes of one request; good for the next 15 minutes, and once. */
export function signedRequest({ endpoint, key }: Caller, { action, parameters }: SignedCall): Buffer {
  const pairs = flatParameters(parameters);
  const headers = signedHeaders(new URL(endpoint).host, action, pairs, key);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST /?${canonicalQuery(pairs)} HTTP/1.1\r\n${lines.join('')}content-length: 0\r\n\r\n`);
}

/** A keep-alive connection that does one call after another. */
export interface CallConnection extends Disposable {
  /**
   * @returns head and body of the answer
   * @throws when the connection ends or the answer does not hold what the call expects
   */
  send(request: Buffer, expect: string): Promise<string>;
}

/** Writes bytes and looks for the end of an answer: a client library would take longer than the server that is measured. */
export async function openConnection(endpoint: string): Promise<CallConnection> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let waiting: (PromiseWithResolvers<string> & { readonly expect: string }) | undefined;
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    received += text;
    const body = received.indexOf('\r\n\r\n') + 4;
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(received)?.[1];
    if (body < 4 || length === undefined || received.length < body + Number(length)) return;
    const answer = received;
    const call = waiting;
    received = '';
    waiting = undefined;
    if (call && answer.includes(call.expect)) call.resolve(answer);
    else call?.reject(new Error(`an answer without ${call.expect}: ${answer.slice(0, 2_000)}`));
  });
  const end = (error?: Error) => waiting?.reject(error ?? new Error('the server closed the connection'));
  const ready = Promise.withResolvers<void>();
  socket.once('connect', () => ready.resolve());
  socket.on('error', (error) => {
    ready.reject(error);
    end(error);
  });
  socket.on('close', () => end());
  await ready.promise;
  return {
    send(request, expect) {
      waiting = { ...Promise.withResolvers<string>(), expect };
      socket.write(request);
      return waiting.promise;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
