import { isDeviceName } from '../../../../../src/contract/names.ts';
import { type AnswerOf, Refusal, type RequestOf } from '../../../api/client.ts';
import { namesIn } from '../../../lib/names-in.ts';
import type { JobKind } from '../job.ts';
import { tagsIn } from '../tags.ts';

export type Package = AnswerOf<'QueryOTAFirmware'>['FirmwareInfo'];

export const steps = ['package', 'who', 'how', 'review'] as const;
export type Step = (typeof steps)[number];

/** A list that is uploaded, which then stands in place of the names. */
export interface UploadedList {
  readonly url: string;
  /** Name of the file; undefined: the list is of the names that are typed, which were too many for a call. */
  readonly file: string | undefined;
  readonly count: number;
}

/** Names that a call takes; more of them go as a list. */
export const MOST_NAMES = 200;

/** Devices on which a package is verified at most (openapi-ota 4.8). */
export const MOST_TESTED = 10;

/** A job as it stands in the wizard; numbers, times and lists as they are typed. */
export interface Draft {
  readonly kind: JobKind;
  readonly target: 'ALL' | 'GRAY' | 'SPECIFIC' | 'GROUP';
  readonly percent: string;
  readonly names: string;
  readonly list: UploadedList | undefined;
  readonly group: string;
  readonly dynamicBy: 'version' | 'group';
  readonly dynamicGroup: string;
  readonly dynamicMode: '1' | '2';
  readonly versions: string;
  readonly rate: string;
  readonly timeout: string;
  readonly retryCount: '0' | '1' | '2' | '5';
  readonly retryInterval: '0' | '10' | '30' | '60' | '1440';
  readonly start: 'now' | 'planned';
  /** As `<input type="datetime-local">` gives it, in the viewer's zone. */
  readonly startAt: string;
  readonly endAt: string;
  readonly push: boolean;
  readonly confirm: boolean;
  readonly overwrite: boolean;
  readonly multi: boolean;
  readonly protocol: 'HTTPS' | 'MQTT';
  readonly tags: string;
}

export type DraftField = keyof Draft;

export const newDraft = (kind: JobKind): Draft => ({
  kind,
  target: 'ALL',
  percent: '10',
  names: '',
  list: undefined,
  group: '',
  dynamicBy: 'version',
  dynamicGroup: '',
  dynamicMode: '1',
  versions: '',
  rate: '1000',
  timeout: '60',
  retryCount: '0',
  retryInterval: '10',
  start: 'now',
  startAt: '',
  endAt: '',
  push: true,
  confirm: false,
  overwrite: false,
  multi: false,
  protocol: 'HTTPS',
  tags: '',
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Fault =
  | 'percent'
  | 'names'
  | 'badNames'
  | 'testNames'
  | 'group'
  | 'versions'
  | 'rate'
  | 'timeout'
  | 'interval'
  | 'start'
  | 'end'
  | 'tags';
export type Faults = Partial<Record<DraftField, Fault>>;

const isWhole = (text: string, least: number, most: number) =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;

/** What is wrong in a step; the server judges the rest. */
export function faultsIn(draft: Draft, step: Step, now: number): Faults {
  if (step === 'who') return whoFaults(draft);
  if (step === 'how') return howFaults(draft, now);
  return {};
}

function whoFaults(draft: Draft): Faults {
  const typed = namesIn(draft.names);
  const names = typed.length;
  const versions: Faults = namesIn(draft.versions).length > 10 ? { versions: 'versions' } : {};
  const areNames: Faults = typed.every(isDeviceName) ? {} : { names: 'badNames' };
  if (draft.kind === 'verify') return names >= 1 && names <= MOST_TESTED ? areNames : { names: 'testNames' };
  if (draft.kind === 'dynamic') {
    if (draft.dynamicBy === 'group') return draft.dynamicGroup === '' ? { dynamicGroup: 'group' } : {};
    return namesIn(draft.versions).length === 0 ? { versions: 'versions' } : versions;
  }
  switch (draft.target) {
    case 'ALL':
      return versions;
    case 'GRAY': {
      const isShare =
        /^\d+(\.\d{1,3})?$/.test(draft.percent) && Number(draft.percent) > 0 && Number(draft.percent) <= 100;
      return { ...versions, ...(isShare ? {} : { percent: 'percent' as const }) };
    }
    case 'GROUP':
      return draft.group === '' ? { group: 'group' } : {};
    case 'SPECIFIC':
      if (draft.list?.file !== undefined) return {};
      return names > 0 ? areNames : { names: 'names' };
  }
}

function howFaults(draft: Draft, now: number): Faults {
  const faults: { -readonly [K in DraftField]?: Fault } = {};
  if (draft.kind !== 'verify' && !isWhole(draft.rate, 10, 10_000)) faults.rate = 'rate';
  if (draft.timeout !== '' && !isWhole(draft.timeout, 1, 1_440)) faults.timeout = 'timeout';
  // openapi-ota 3.2
  const waits = draft.kind !== 'verify' && draft.retryCount !== '0' ? Number(draft.retryInterval) : -1;
  if (draft.timeout !== '' && waits >= Number(draft.timeout)) faults.retryInterval = 'interval';
  if (tagsIn(draft.tags).wrong !== undefined || tagsIn(draft.tags).tags.length > 10) faults.tags = 'tags';
  if (draft.kind !== 'static') return faults;
  const planned = draft.start === 'planned' ? timeOf(draft.startAt) : undefined;
  if (draft.start === 'planned' && !(planned !== undefined && planned >= now + 5 * MINUTE && planned <= now + 7 * DAY))
    faults.startAt = 'start';
  const end = timeOf(draft.endAt);
  const begin = planned ?? now;
  if (draft.endAt !== '' && !(end !== undefined && end >= begin + HOUR && end <= begin + 30 * DAY))
    faults.endAt = 'end';
  return faults;
}

function timeOf(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

const some = (lines: string): string[] | undefined => {
  const all = namesIn(lines);
  return all.length === 0 ? undefined : all;
};

/** Whether the typed names have to be uploaded as a list before anything can be done with them. */
export const needsList = ({ kind, target, names, list }: Draft): boolean =>
  kind === 'static' && target === 'SPECIFIC' && !list && namesIn(names).length > MOST_NAMES;

function everyJob(draft: Draft) {
  const { tags } = tagsIn(draft.tags);
  return {
    TimeoutInMinutes: draft.timeout === '' ? undefined : Number(draft.timeout),
    NeedPush: draft.push,
    NeedConfirm: draft.confirm,
    DownloadProtocol: draft.protocol,
    Tag: tags.length === 0 ? undefined : [...tags],
  };
}

function everyRollout(draft: Draft) {
  const retries = draft.retryCount !== '0';
  return {
    MaximumPerMinute: Number(draft.rate),
    RetryCount: retries ? Number(draft.retryCount) : undefined,
    RetryInterval: retries ? Number(draft.retryInterval) : undefined,
    OverwriteMode: draft.overwrite ? 2 : 1,
    MultiModuleMode: draft.multi,
    ...everyJob(draft),
  };
}

const ofPackage = ({ FirmwareId, ProductKey = '' }: Pick<Package, 'FirmwareId' | 'ProductKey'>) => ({
  FirmwareId,
  ProductKey,
});

export function verifyRequest(draft: Draft, firmware: Package): RequestOf<'CreateOTAVerifyJob'> {
  return { ...ofPackage(firmware), TargetDeviceName: namesIn(draft.names), ...everyJob(draft) };
}

export function staticRequest(draft: Draft, firmware: Package): RequestOf<'CreateOTAStaticUpgradeJob'> {
  const { target } = draft;
  return {
    ...ofPackage(firmware),
    TargetSelection: target,
    SrcVersion: target === 'ALL' || target === 'GRAY' ? some(draft.versions) : undefined,
    GrayPercent: target === 'GRAY' ? draft.percent : undefined,
    TargetDeviceName: target === 'SPECIFIC' && !draft.list ? namesIn(draft.names) : undefined,
    DnListFileUrl: target === 'SPECIFIC' ? draft.list?.url : undefined,
    GroupId: target === 'GROUP' ? draft.group : undefined,
    GroupType: target === 'GROUP' ? 'LINK_PLATFORM' : undefined,
    ScheduleTime: draft.start === 'planned' ? timeOf(draft.startAt) : undefined,
    ScheduleFinishTime: timeOf(draft.endAt),
    ...everyRollout(draft),
  };
}

export function dynamicRequest(draft: Draft, firmware: Package): RequestOf<'CreateOTADynamicUpgradeJob'> {
  const byGroup = draft.dynamicBy === 'group';
  return {
    ...ofPackage(firmware),
    SrcVersion: byGroup ? undefined : some(draft.versions),
    GroupId: byGroup ? draft.dynamicGroup : undefined,
    GroupType: byGroup ? 'LINK_PLATFORM_DYNAMIC' : undefined,
    DynamicMode: Number(draft.dynamicMode),
    ...everyRollout(draft),
  };
}

export function previewRequest(draft: Draft, firmware: Package): RequestOf<'PreviewOTAUpgradeJob'> {
  return draft.kind === 'dynamic'
    ? { SelectionType: 'DYNAMIC', ...dynamicRequest(draft, firmware) }
    : { SelectionType: 'STATIC', ...staticRequest(draft, firmware) };
}

interface Culprit {
  readonly step: Step;
  readonly field: DraftField;
}

const byParameter: Readonly<Record<string, Culprit>> = {
  TargetDeviceName: { step: 'who', field: 'names' },
  DnListFileUrl: { step: 'who', field: 'list' },
  GrayPercent: { step: 'who', field: 'percent' },
  SrcVersion: { step: 'who', field: 'versions' },
  GroupId: { step: 'who', field: 'group' },
  GroupType: { step: 'who', field: 'group' },
  ScheduleTime: { step: 'how', field: 'startAt' },
  ScheduleFinishTime: { step: 'how', field: 'endAt' },
  MaximumPerMinute: { step: 'how', field: 'rate' },
  TimeoutInMinutes: { step: 'how', field: 'timeout' },
  RetryInterval: { step: 'how', field: 'retryInterval' },
  RetryCount: { step: 'how', field: 'retryCount' },
  Tag: { step: 'how', field: 'tags' },
};

const byCode: readonly (readonly [RegExp, Culprit])[] = [
  [/InvalidTimeout/, { step: 'how', field: 'timeout' }],
  [/InvalidMaximumPerMinute/, { step: 'how', field: 'rate' }],
  [/JobTagIsTooLong/, { step: 'how', field: 'tags' }],
  [/InvalidDownloadProtocol/, { step: 'how', field: 'protocol' }],
  [/InvalidDnListFileUrl|ParameterSizeExceedMax|NullTargetDeviceNames/, { step: 'who', field: 'list' }],
  [/\.group\./, { step: 'who', field: 'group' }],
  [/\.device\./, { step: 'who', field: 'names' }],
];

/** The field that a refusal is about, where it says so. */
export function culpritOf(error: unknown): Culprit | undefined {
  if (!(error instanceof Refusal)) return undefined;
  const parameter = /: (\w+)/.exec(error.message)?.[1];
  const named = parameter === undefined ? undefined : byParameter[parameter];
  return named ?? byCode.find(([pattern]) => pattern.test(error.code))?.[1];
}
