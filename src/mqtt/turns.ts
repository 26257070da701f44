import type { DeviceServices } from '../domain/device-services.ts';
import type { Turnstile } from '../lib/turnstile.ts';

/**
 * The rules, asked for no more at a time than the database is good for. What a connected device said waits here and
 * is never turned away: its connection is not read meanwhile. None of these calls waits for another one, so none that
 * has a place waits for one that has none.
 */
export function inTurns(services: DeviceServices, turnstile: Turnstile): DeviceServices {
  return {
    login: (claim, address) => services.login(claim, address),
    register: (kind, claim, address) => services.register(kind, claim, address),
    claim: (devices, scope) => services.claim(devices, scope),
    confirm: (connections) => services.confirm(connections),
    answerBlock: (devices, question) => services.answerBlock(devices, question),
    answerGateway: (gateway, request) => turnstile.pass(() => services.answerGateway(gateway, request)),
    checkSubDevices: (gateway, claims) => turnstile.pass(() => services.checkSubDevices(gateway, claims)),
    connected: (device, connection) => turnstile.pass(() => services.connected(device, connection)),
    disconnected: (device, connectionId, reason) =>
      turnstile.pass(() => services.disconnected(device, connectionId, reason)),
    report: (device, message) => turnstile.pass(() => services.report(device, message)),
  };
}
