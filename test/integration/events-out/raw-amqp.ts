import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';

type Performative = object;
interface Frames {
  sasl_init(fields: object): Performative;
  open(fields: object): Performative;
  begin(fields: object): Performative;
  attach(fields: object): Performative;
  flow(fields: object): Performative;
  sasl_frame(performative: Performative): object;
  amqp_frame(channel: number, performative: Performative): object;
  write_frame(frame: object): Buffer;
}

/** The codec of rhea alone, to send what its client would not. */
const codec = createRequire(import.meta.url)('rhea/lib/frames.js') as Frames;

export const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');
export const amqpHeader = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1');

export const saslInit = ({ username, password }: { username: string; password: string }, mechanism = 'PLAIN') =>
  codec.write_frame(
    codec.sasl_frame(codec.sasl_init({ mechanism, initial_response: Buffer.from(`\0${username}\0${password}`) })),
  );

const amqp = (performative: Performative, channel = 0) => codec.write_frame(codec.amqp_frame(channel, performative));
export const open = (fields: object = {}) =>
  amqp(codec.open({ container_id: 'raw', idle_time_out: 60_000, ...fields }));
export const begin = (channel = 0) =>
  amqp(codec.begin({ next_outgoing_id: 0, incoming_window: 100, outgoing_window: 100 }), channel);
export const attach = (name = 'link', handle = 0) =>
  amqp(codec.attach({ name, handle, role: true, target: undefined }));
export const flow = (credit: number) =>
  amqp(
    codec.flow({
      next_incoming_id: 0,
      incoming_window: 100,
      next_outgoing_id: 0,
      outgoing_window: 100,
      handle: 0,
      delivery_count: 0,
      link_credit: credit,
    }),
  );

export interface RawClient {
  readonly socket: Socket;
  /** Descriptor codes of the frames that came, 0 for an empty frame, with -1 for a protocol header. */
  readonly codes: number[];
  readonly gone: { yes: boolean };
}

/** Says what it is told to, and notes what comes. */
export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  const codes: number[] = [];
  const gone = { yes: false };
  let rest = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('close', () => {
    gone.yes = true;
  });
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 8) {
      const header = rest.toString('latin1', 0, 4) === 'AMQP';
      const size = header ? 8 : rest.readUInt32BE();
      if (rest.length < size) return;
      codes.push(header ? -1 : size === 8 ? 0 : rest.readUInt8(10));
      rest = rest.subarray(size);
    }
  });
  await once(socket, 'connect');
  return { socket, codes, gone };
}
