import { createDeviceServices } from '../../../../src/domain/create-device-services.ts';
import { disable, enable } from '../../../../src/domain/device-states.ts';
import { buryDeadNodes, keepNodeAlive } from '../../../../src/domain/nodes.ts';
import type { Stage } from './stage.ts';
import { NODES, type Steps } from './steps.ts';

/** How long a node that has died counts as alive. */
const NODE_LEASE = 12_000;

interface Connection {
  readonly node: string;
  readonly id: string;
}

/** Devices connect to nodes, which may die. */
export class Network {
  readonly #stage: Stage;
  readonly #dead = new Set<string>();
  /** Connections of devices that may still be ended, the newest last. */
  readonly #connections = new Map<string, Connection[]>();
  #connects = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  #node(name: string) {
    return createDeviceServices(this.#stage.world.deps, name);
  }

  /** The node renews no lease any more, and its devices hear nothing. */
  die(node: string): void {
    this.#dead.add(node);
  }

  /** Time has passed: the nodes that live say so. */
  async keepAlive(): Promise<void> {
    for (const node of NODES.filter((name) => !this.#dead.has(name))) await this.#keepAlive(node);
  }

  async bury(): Promise<void> {
    await buryDeadNodes(this.#stage.world.deps);
  }

  async #keepAlive(node: string): Promise<void> {
    await keepNodeAlive(this.#stage.world.deps, node);
    this.#stage.model.nodes.set(node, this.#stage.world.clock.now() + NODE_LEASE);
  }

  /** A node that had died has been started anew by now. */
  async connect({ device: index, node }: Steps['connect']): Promise<void> {
    const device = this.#stage.device(index);
    const model = this.#stage.model.devices.get(device.deviceId);
    // one that is disabled is not let in
    if (!model || model.disabled) return;
    this.#dead.delete(node);
    await this.#keepAlive(node);
    const connection = { node, id: `connection-${++this.#connects}` };
    await this.#node(node).connected(device, { connectionId: connection.id, ip: '10.0.0.1' });
    this.#connections.set(device.deviceId, [...(this.#connections.get(device.deviceId) ?? []), connection]);
    model.connection = connection;
    model.activated = true;
  }

  async #disconnect(index: number, { node, id }: { readonly node: string; readonly id: string }): Promise<void> {
    const device = this.#stage.device(index);
    await this.#node(node).disconnected(device, id);
    const model = this.#stage.model.devices.get(device.deviceId);
    if (model?.connection?.id === id) model.connection = undefined;
  }

  async disable({ device: index, enable: again }: Steps['disable']): Promise<void> {
    const { deps, scope } = this.#stage.world;
    const { deviceId: id } = this.#stage.device(index);
    const model = this.#stage.model.devices.get(id);
    if (!model) return;
    await (again ? enable : disable)(deps, scope, { id });
    model.disabled = !again;
    // its node ends the connection
    if (model.disabled && model.connection) await this.#disconnect(index, model.connection);
  }

  /** The end of a connection is recorded. */
  async disconnect({ device: index, late }: Steps['disconnect']): Promise<void> {
    const known = this.#connections.get(this.#stage.device(index).deviceId) ?? [];
    const one = late ? known.shift() : known.pop();
    if (one) await this.#disconnect(index, one);
  }
}
