import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from './answer.ts';
import type { RawCall } from './call.ts';

/** A body that was not read counts as none. */
export const bodyOf = ({ body }: FastifyRequest): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

/** None if the peer has gone meanwhile; of an IPv4 client it is an IPv6 one where the socket serves both. */
export const addressOf = ({ ip = '' }: Partial<Pick<FastifyRequest, 'ip'>>): string =>
  ip.replace(/^::ffff:(?=[\d.]+$)/, '');

export const rawCall = (request: FastifyRequest): RawCall => ({
  method: request.method,
  url: request.raw.url ?? '/',
  headers: request.headers,
  body: bodyOf(request),
  address: addressOf(request),
});

export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  return reply.code(answer.status).header('content-type', answer.contentType).send(answer.body);
}
