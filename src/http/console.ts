import type { FastifyInstance, FastifyRequest } from 'fastify';
import { limitProfiles } from '../contract/limits.ts';
import { useSession } from '../domain/console-sessions.ts';
import { readConsoleCall } from './call.ts';
import { addConsoleFiles } from './console-files.ts';
import {
  answerNewPassword,
  answerSession,
  answerSignIn,
  answerSignOut,
  isOwnRequest,
  refuseForeign,
  type SessionDeps,
  sessionToken,
} from './console-session.ts';
import { rawCall, send } from './exchange.ts';
import { answerCall, type Entrance } from './rpc.ts';

export interface ConsoleDeps extends SessionDeps {
  /** Folder of the built console; no console without it. */
  readonly consoleFolder?: string | undefined;
}

/** A call of an action through a session. */
const through = (action: string): Entrance => ({
  source: 'console',
  read: (raw) => readConsoleCall(raw, action),
  authenticate: async (deps, { headers }) => (await useSession(deps, sessionToken(headers))).caller,
});

/**
 * A person scrolls to the end of a list, however long; the documented depth is for programs. Made for each call: the
 * public URL may be known only once the server listens.
 */
const unbounded = (deps: ConsoleDeps): ConsoleDeps => ({
  ...deps,
  limits: { ...deps.limits, taskDepth: limitProfiles.open.taskDepth },
});

const consoleRequest = (request: FastifyRequest) => ({ ...rawCall(request), isSecure: request.protocol === 'https' });

/**
 * The console at `/console/`: its files, its session, and the actions of the API for who is signed in. Every address is
 * told relatively, so that it works behind any prefix of a proxy.
 */
export function addConsole(app: FastifyInstance, deps: ConsoleDeps): void {
  if (deps.consoleFolder === undefined) return;
  addConsoleFiles(app, deps.consoleFolder);
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD' || isOwnRequest(request.headers)) return;
    return send(reply, refuseForeign(deps, rawCall(request)));
  });
  app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    scope.get('/console/session', async (request, reply) => {
      return send(reply, await answerSession(deps, consoleRequest(request)));
    });
    scope.post('/console/session', async (request, reply) => {
      return send(reply, await answerSignIn(deps, consoleRequest(request)));
    });
    scope.delete('/console/session', async (request, reply) => {
      return send(reply, await answerSignOut(deps, consoleRequest(request)));
    });
    // beside the session, so that the cookie of the new one is for the same folder
    scope.put('/console/password', async (request, reply) => {
      return send(reply, await answerNewPassword(deps, consoleRequest(request)));
    });
    scope.post<{ Params: { action: string } }>('/console/api/:action', async (request, reply) => {
      return send(reply, await answerCall(unbounded(deps), rawCall(request), through(request.params.action)));
    });
  });
}
