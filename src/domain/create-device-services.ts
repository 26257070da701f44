import { claimPushes, createReporter } from './delivery.ts';
import type { Deps } from './deps.ts';
import { loginDevice } from './device-login.ts';
import type { DeviceServices, LoginOutcome } from './device-services.ts';
import { registerGuarded } from './dynamic-registration.ts';
import { type FailedAttempts, unwatched } from './failed-attempts.ts';
import { createFileBlocks } from './file-blocks.ts';
import { confirmConnections, createPresence } from './presence.ts';
import { answerGateway, checkSubDevices } from './topology.ts';

/** The rules as a device gateway of node `nodeId` sees them. */
export function createDeviceServices(
  deps: Deps & { readonly attempts?: FailedAttempts },
  nodeId: string,
): DeviceServices {
  const { attempts = unwatched } = deps;
  const blocks = createFileBlocks(deps);
  return {
    async login(claim, address) {
      const isForged = (outcome: LoginOutcome) => !outcome.ok && outcome.reason === 'refused';
      const outcome = await attempts.guard(address, () => loginDevice(deps, claim), isForged);
      return outcome === 'throttled'
        ? { ok: false, reason: outcome, detail: 'too many logins of this address have failed' }
        : outcome;
    },
    register: (kind, claim, address) => registerGuarded(deps, kind, claim, address),
    answerGateway: (gateway, request) => answerGateway(deps, gateway, request),
    checkSubDevices: (gateway, claims) => checkSubDevices(deps, gateway, claims),
    ...createPresence(deps, nodeId),
    confirm: (connections) => confirmConnections(deps, nodeId, connections),
    report: createReporter(deps),
    claim: (devices, scope) => claimPushes(deps, devices, scope),
    answerBlock: (devices, question) => blocks.answer(devices, question),
  };
}
