import { expect } from 'vitest';
import { createDynamicJob } from '../../../../src/domain/dynamic-jobs.ts';
import { packageStatus } from '../../../../src/domain/firmware.ts';
import { createVerifyJob } from '../../../../src/domain/jobs.ts';
import type { Selection as ApiSelection } from '../../../../src/domain/selection.ts';
import { grantUpload, recordUpload } from '../../../../src/domain/uploads.ts';
import { MINUTE } from '../world.ts';
import type { NewModelJob } from './model.ts';
import type { ModelDevice, ModelJob, ModelPackage, Selection } from './model-types.ts';
import { OTHERS, pick, type Stage } from './stage.ts';
import type { Steps } from './steps.ts';

/** Makes packages and jobs, for the server and for the model. */
export class Rollouts {
  readonly #stage: Stage;
  readonly packages: ModelPackage[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async #package(step: Steps['job']['package']): Promise<[ModelPackage, string]> {
    const { module, target, exempt, again } = step;
    const earlier = again === undefined ? undefined : pick(this.packages, again);
    if (earlier) return [earlier, this.#stage.firmwareIds[this.packages.indexOf(earlier)] as string];
    const source = step.source === target ? undefined : step.source;
    const id = await this.#stage.world.firmware({
      module,
      dest_version: target,
      product_key: this.#stage.productKey,
      status: exempt ? packageStatus.exempt : packageStatus.unverified,
      type: source === undefined ? 0 : 1,
      src_version: source ?? '',
    });
    const made: ModelPackage = { module, target, source, status: exempt ? 'exempt' : 'unverified' };
    this.packages.push(made);
    this.#stage.firmwareIds.push(id);
    return [made, id];
  }

  async verify(step: Steps['verify']): Promise<void> {
    const { needPush, needConfirm, timeoutMinutes } = step;
    const names = this.#stage.living(step.devices).map((device) => device.deviceName);
    if (names.length === 0) return;
    const order = ({ name }: ModelDevice) => names.indexOf(name);
    const [made, firmwareId] = await this.#package(step.package);
    const settings = { needPush, needConfirm, timeoutMinutes };
    const selection = { parts: [({ name }: ModelDevice) => names.includes(name)], order, sources: [] };
    const input = { firmwareId, productKey: this.#stage.productKey, deviceNames: names, settings };
    await this.#create({ package: made, selection, settings, kind: 'verification' }, () =>
      createVerifyJob(this.#stage.world.deps, this.#stage.world.scope, input).then(({ id }) => id),
    );
  }

  async start(step: Steps['job']): Promise<void> {
    const names = this.#stage.living(step.devices).map((device) => device.deviceName);
    if (names.length === 0) return;
    const [made, firmwareId] = await this.#package(step.package);
    const scheduleAt = step.start === undefined ? undefined : this.#stage.world.clock.now() + step.start * MINUTE;
    const settings = {
      ...settingsOf(step),
      scheduleAt,
      scheduleFinishAt: scheduleAt !== undefined && step.forced ? scheduleAt + 60 * MINUTE : undefined,
    };
    const [selection, chosen] = await this.#select(step, names);
    await this.#create({ package: made, selection, settings, kind: 'static' }, () =>
      this.#stage.world.job({ ...settings, firmwareId, productKey: this.#stage.productKey, selection: chosen }),
    );
  }

  async startDynamic(step: Steps['dynamic']): Promise<void> {
    const { mode, sources } = step;
    const { deps, scope } = this.#stage.world;
    const [made, firmwareId] = await this.#package(step.package);
    const settings = settingsOf(step);
    const selection = { parts: halves, order: byName, sources };
    const chosen = { srcVersions: sources, groupId: undefined, groupType: undefined, mode };
    const input = { firmwareId, productKey: this.#stage.productKey, selection: chosen, settings };
    await this.#create({ package: made, selection, settings, kind: 'dynamic', mode }, () =>
      createDynamicJob(deps, scope, input).then(({ id }) => id),
    );
  }

  /** The devices of a job, as the model and as the server are told. */
  async #select(step: Steps['job'], names: readonly string[]): Promise<[Selection, Partial<ApiSelection>]> {
    const { target, percent } = step;
    const isNamed = (some: readonly string[]) => (device: ModelDevice) => some.includes(device.name);
    const byId = ({ id }: ModelDevice) => id;
    const asGiven = ({ name }: ModelDevice) => names.indexOf(name);
    const sources = [...step.sources];
    const srcVersions = sources;
    switch (target) {
      case 'ALL':
        return [
          { parts: halves, order: byName, sources },
          { target, srcVersions },
        ];
      case 'GRAY': {
        const gray = { percent: Math.round(Number(percent) * 1_000), chosen: [], isDone: false };
        return [
          { parts: [() => false], order: byName, sources, gray },
          { target, srcVersions, grayPercent: percent },
        ];
      }
      case 'SPECIFIC':
        return [
          { parts: [isNamed(names)], order: asGiven, sources: [], named: true },
          { target, deviceNames: names },
        ];
      case 'LIST': {
        const [first, last] = [names.slice(0, names.length / 2), names.slice(names.length / 2)];
        const unknown = Array.from({ length: OTHERS }, (_, index) => `unknown-${index}`);
        const listFileUrl = await this.#upload([...first, ...unknown, ...last].join('\n'));
        return [
          { parts: [isNamed(first), isNamed(last)], order: asGiven, sources: [] },
          { target: 'SPECIFIC', listFileUrl },
        ];
      }
      case 'GROUP': {
        const group = { groupId: this.#stage.groupId, groupType: 'LINK_PLATFORM' };
        return [
          { parts: [({ inGroup }) => inGroup], order: byId, sources: [] },
          { target, ...group },
        ];
      }
    }
  }

  async #upload(text: string): Promise<string> {
    const { deps, scope } = this.#stage.world;
    const { key, url } = await grantUpload(deps, scope, { kind: 'device-list', suffix: 'csv' });
    await recordUpload(deps, key, await deps.blobs.set(key, text));
    return url;
  }

  async #create(input: NewModelJob, call: () => Promise<string>) {
    const job = this.#stage.model.create(input, this.#stage.world.clock.now());
    await this.#stage.agree(job !== undefined, async () => this.#stage.jobs.push(await call()));
    if (!job) return;
    await this.learn(job, this.#stage.jobs.at(-1) as string);
    this.#stage.model.makeTasks(job);
    // a call that has found nobody looks once more before it returns
    if (job.tasks.length === 0) this.#stage.model.makeTasks(job);
    const { gray } = input.selection;
    if (gray?.isDone) expect(job.tasks).toHaveLength(gray.meant ?? 0);
  }

  /** Tells the model which devices a job for GRAY has chosen. */
  async learn({ selection: { gray } }: ModelJob, id: string): Promise<void> {
    if (!gray || gray.isDone) return;
    gray.chosen = (await this.#stage.world.tasks(id)).map((task) => task.device_id);
    gray.isDone = (await this.#stage.world.jobRow(id)).cursor === null;
  }
}

const byName = ({ name }: ModelDevice) => name;
/** Before and behind those that never connect. */
const halves = [
  ({ activated, name }: ModelDevice) => activated && name < 'm',
  ({ activated, name }: ModelDevice) => activated && name > 'm',
];

const settingsOf = (step: Steps['job'] | Steps['dynamic']) => ({
  ...step.conflicts,
  ...step.retry,
  timeoutMinutes: step.timeoutMinutes,
  maximumPerMinute: step.maximumPerMinute,
  needPush: step.needPush,
  needConfirm: step.needConfirm,
});
