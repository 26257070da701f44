import fc from 'fast-check';
import { MINUTE, OLD } from '../world.ts';
import type { Settings } from './model-types.ts';

/** Devices of a story. */
export const DEVICES = 14;
export const NODES = ['node-1', 'node-2'] as const;
const versions = [OLD, '2.0.0', '3.0.0'] as const;
const [, ...targets] = versions;

const anyDevice = fc.nat(DEVICES - 1);
const someDevices = fc.uniqueArray(anyDevice, { minLength: 1, maxLength: DEVICES });
const anyModule = fc.constantFrom<string>('default', 'default', 'MCU');
/** Which of the jobs, packages or tasks there are: the remainder of the division by their number; −1 is the last. */
const any = fc.nat(9_999);
/** As often as not the newest. */
const anyJob = fc.oneof(any, fc.constant(-1));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** A device and a module, or those of one of the tasks that devices have been told of, if there is any. */
const about = { device: anyDevice, module: anyModule, task: fc.option(any, { nil: undefined, freq: 4 }) };
const flag = fc.constantFrom(undefined, undefined, true, true, false);

/** What a static job is for; a list is one that was uploaded. */
type Target = 'ALL' | 'SPECIFIC' | 'LIST' | 'GROUP' | 'GRAY';
const newPackage = fc.record({
  /** An earlier package, if there is one. */
  again: fc.option(any, { nil: undefined, freq: 1 }),
  module: anyModule,
  target: fc.constantFrom(...targets),
  source: fc.constantFrom(undefined, undefined, undefined, OLD, '2.0.0'),
  exempt: fc.constantFrom(true, true, false),
});
const common = {
  timeoutMinutes: fc.constantFrom(undefined, 15, 60),
  needPush: fc.constantFrom(undefined, true, false),
  needConfirm: fc.constantFrom(undefined, undefined, true),
};

const rollout = {
  ...common,
  conflicts: fc.constantFrom<Settings>(
    {},
    { overwriteMode: 1 },
    { overwriteMode: 2 },
    { multiModule: true },
    { multiModule: true },
  ),
  retry: fc.constantFrom<Settings>({}, { retryInterval: 0, retryCount: 1 }, { retryInterval: 10, retryCount: 2 }),
  maximumPerMinute: fc.constantFrom(undefined, 10),
};

/** Everything that can happen, with the share that it has in a story. */
const steps = {
  /** What a failing story is shortened by. */
  nothing: [1, {}],
  verify: [3, { package: newPackage, devices: fc.uniqueArray(anyDevice, { minLength: 1, maxLength: 3 }), ...common }],
  job: [
    8,
    {
      package: newPackage,
      target: fc.constantFrom<Target>('ALL', 'ALL', 'SPECIFIC', 'SPECIFIC', 'LIST', 'GROUP', 'GRAY'),
      devices: someDevices,
      percent: fc.constantFrom('0.5', '33.333', '50', '100'),
      sources: fc.constantFrom<readonly string[]>([], [], [], [OLD], [OLD, '2.0.0']),
      /** Minutes until the start. */
      start: fc.constantFrom(undefined, undefined, undefined, 5, 30),
      /** Is the job ended by force an hour after its start? */
      forced: fc.boolean(),
      ...rollout,
    },
  ],
  /** A scheduler makes the next tasks of a job. */
  make: [6, { job: anyJob }],
  cancel: [
    3,
    {
      job: anyJob,
      flags: fc.record({ scheduled: flag, queued: flag, notified: flag, inProgress: flag, unconfirmed: flag }),
    },
  ],
  cancelDevices: [2, { package: any, devices: someDevices, job: optional(any) }],
  confirm: [6, { tasks: fc.array(any, { minLength: 1, maxLength: 3 }), waiting: fc.boolean() }],
  reupgrade: [6, { job: anyJob, tasks: fc.array(any, { minLength: 1, maxLength: 3 }), ended: fc.boolean() }],
  change: [
    3,
    {
      job: anyJob,
      maximumPerMinute: fc.constantFrom(10, 12, 10_000),
      timeoutMinutes: fc.constantFrom(undefined, undefined, 20, 90),
    },
  ],
  dynamic: [
    4,
    {
      package: newPackage,
      mode: fc.constantFrom<1 | 2>(1, 1, 2),
      sources: fc.constantFrom<readonly string[]>([OLD], [OLD], [OLD, '2.0.0'], [...versions]),
      ...rollout,
    },
  ],
  cancelStrategy: [2, { job: anyJob }],
  claim: [14, { devices: someDevices, all: fc.boolean() }],
  inform: [20, { ...about, version: fc.constantFrom<string>(...versions), twice: fc.boolean() }],
  progress: [32, { ...about, step: fc.constantFrom(-4, -1, -1, 0, 10, 50, 100) }],
  get: [6, about],
  request: [3, { device: anyDevice }],
  pass: [
    14,
    {
      ms: fc.constantFrom(0, 1_000, 20_000, MINUTE, MINUTE, 5 * MINUTE, 10 * MINUTE, 60 * MINUTE),
      /** Nobody looks at what has come due. */
      asleep: fc.constantFrom(false, false, true),
    },
  ],
  connect: [6, { device: anyDevice, node: fc.constantFrom(...NODES) }],
  /** The end of a connection is recorded, of the one that counts or of one that it has replaced. */
  disconnect: [3, { device: anyDevice, late: fc.boolean() }],
  nodeDies: [1, { node: fc.constantFrom(...NODES) }],
  disable: [1, { device: anyDevice, enable: fc.boolean() }],
  /** Devices are put into the group of the story, or taken out of it. */
  group: [3, { devices: someDevices, out: fc.boolean() }],
  register: [2, { device: anyDevice }],
  remove: [1, { device: anyDevice }],
  restart: [1, {}],
} as const satisfies Record<string, readonly [number, Record<string, fc.Arbitrary<unknown>>]>;

type Values<R> = { [K in keyof R]: R[K] extends fc.Arbitrary<infer T> ? T : never };
export type Steps = { [K in keyof typeof steps]: Values<(typeof steps)[K][1]> };
export type Step = { [K in keyof Steps]: { readonly kind: K } & Readonly<Steps[K]> }[keyof Steps];

export const anyStep = fc.oneof(
  { withCrossShrink: true },
  ...Object.entries(steps).map(([kind, [weight, members]]) => ({
    weight,
    arbitrary: fc.record({ kind: fc.constant(kind), ...members }, { noNullPrototype: true }),
  })),
) as fc.Arbitrary<Step>;
