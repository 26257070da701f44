import { claimPushes, createReporter } from './delivery.ts';
import type { Deps } from './deps.ts';
import { loginDevice } from './device-login.ts';
import type { DeviceServices } from './device-services.ts';
import { registerDynamically } from './dynamic-registration.ts';
import { createFileBlocks } from './file-blocks.ts';
import { confirmConnections, recordConnected, recordDisconnected } from './presence.ts';
import { answerGateway, checkSubDevices } from './topology.ts';

/** The rules as a device gateway of node `nodeId` sees them. */
export function createDeviceServices(deps: Deps, nodeId: string): DeviceServices {
  const blocks = createFileBlocks(deps);
  return {
    login: (claim) => loginDevice(deps, claim),
    register: (kind, claim) => registerDynamically(deps, kind, claim),
    answerGateway: (gateway, request) => answerGateway(deps, gateway, request),
    checkSubDevices: (gateway, claims) => checkSubDevices(deps, gateway, claims),
    connected: (device, connection) => recordConnected(deps, nodeId, device, connection),
    disconnected: (device, connectionId) => recordDisconnected(deps, device, connectionId),
    confirm: (connections) => confirmConnections(deps, nodeId, connections),
    report: createReporter(deps),
    claim: (devices, scope) => claimPushes(deps, devices, scope),
    answerBlock: (devices, question) => blocks.answer(devices, question),
  };
}
