import type { FastifyInstance } from 'fastify';
import { createConsoleFiles, securityHeaders } from './console-files.ts';

export interface ConsoleDeps {
  /** Folder of the built console; no console without it. */
  readonly consoleFolder?: string | undefined;
}

/** The console at `/console/`. Every address is told relatively, so that it works behind any prefix of a proxy. */
export function addConsole(app: FastifyInstance, { consoleFolder }: ConsoleDeps): void {
  if (consoleFolder === undefined) return;
  const files = createConsoleFiles(consoleFolder);
  app.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders));
  app.get('/console', async (_request, reply) => reply.code(308).header('location', 'console/').send());
  app.get<{ Params: { '*': string } }>('/console/*', async (request, reply) => {
    const { status, headers, body } = await files.answer(request.params['*'], request.headers);
    return reply.code(status).headers(headers).send(body);
  });
}
