import { expect } from 'vitest';
import type { DeviceRef } from '../../../../src/domain/device-services.ts';
import { createGroup } from '../../../../src/domain/groups.ts';
import { createProduct } from '../../../../src/domain/products.ts';
import type { TestDatabase } from '../../../support/engines.ts';
import { OLD, reopen, type World } from '../world.ts';
import { Model } from './model.ts';
import type { ModelDevice, ModelJob, ModelTask } from './model-types.ts';
import { DEVICES } from './steps.ts';
import { listen, Witness } from './witness.ts';

/**
 * Devices that never connect, between those with names in `a` and those in `z`: a job for ALL gets its tasks in two
 * steps, and much can happen between them.
 */
export const OTHERS = 1_000;
export const nameOf = (index: number) => `${index % 2 ? 'z' : 'a'}-device-${String(index).padStart(2, '0')}`;

/** One of the things there are: the remainder of the division by their number. */
export const pick = <T>(list: readonly T[], number: number): T | undefined =>
  list.at(number % Math.max(1, list.length));

/** Where a story plays: the server's side and the model's side of the same product. */
export class Stage {
  world: World;
  readonly productKey: string;
  /** A static group of devices. */
  readonly groupId: string;
  readonly model = new Model();
  /** Devices by their number, as they exist or existed last. */
  readonly devices: DeviceRef[];
  /** Ids of the model's jobs and packages, in their order. */
  readonly jobs: string[] = [];
  readonly firmwareIds: string[] = [];
  readonly witness: Witness;
  readonly #database: TestDatabase;

  private constructor(
    world: World,
    database: TestDatabase,
    { productKey, groupId, devices }: Pick<Stage, 'productKey' | 'groupId' | 'devices'>,
  ) {
    this.world = world;
    this.#database = database;
    this.productKey = productKey;
    this.groupId = groupId;
    this.devices = devices;
    this.witness = new Witness(this.model, this.jobs, productKey);
    for (const { deviceId: id, deviceName: name } of devices)
      this.addDevice({ id, name, versions: new Map([['default', OLD]]), activated: true });
  }

  static async open(world: World, database: TestDatabase, name: string): Promise<Stage> {
    const { key: productKey } = await createProduct(world.deps, world.scope, { name, nodeType: 0 });
    await listen(world, productKey);
    const others = Array.from({ length: OTHERS }, (_, index) => `m-${index}`);
    await world.devices(others, { productKey, version: null, activated: false });
    const names = Array.from({ length: DEVICES }, (_, index) => nameOf(index));
    const devices = await world.devices(names, { productKey });
    const { id: groupId } = await createGroup(world.deps, world.scope, { name });
    return new Stage(world, database, { productKey, groupId, devices });
  }

  async restart(): Promise<void> {
    await this.world.engine[Symbol.asyncDispose]();
    this.world = await reopen(this.world, this.#database);
  }

  addDevice(device: Omit<ModelDevice, 'disabled' | 'inGroup'>): void {
    this.model.devices.set(device.id, { ...device, disabled: false, inGroup: false });
  }

  device(number: number): DeviceRef {
    return this.devices[number] as DeviceRef;
  }

  /** Those of some devices that exist. */
  living(numbers: readonly number[]): DeviceRef[] {
    return numbers.map((number) => this.device(number)).filter(({ deviceId }) => this.model.devices.has(deviceId));
  }

  /** A job and its id, if there is any job. */
  job(number: number): { readonly job: ModelJob; readonly id: string } | undefined {
    const job = pick(this.model.jobs, number);
    return job && { job, id: this.jobs[this.model.jobs.indexOf(job)] as string };
  }

  /** Different tasks, in any order; of those that fit, unless anything goes. */
  tasks(tasks: readonly ModelTask[], numbers: readonly number[], fits: false | ((task: ModelTask) => boolean)) {
    const candidates = fits ? tasks.filter(fits) : tasks;
    return [...new Set(numbers.flatMap((number) => pick(candidates, number) ?? []))];
  }

  /** The server takes a call exactly when the model does. */
  async agree(taken: boolean, call: () => Promise<unknown>): Promise<void> {
    if (taken) await call();
    else expect(await this.world.refusal(call)).toBeTypeOf('string');
  }
}
