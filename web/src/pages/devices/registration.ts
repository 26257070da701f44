import { type AnswerOf, callAction } from '../../api/client.ts';
import type { Entry } from './name-list.ts';

export type RegisteredDevice = AnswerOf<'QueryPageByApplyId'>['ApplyDeviceList']['ApplyDeviceInfo'][number];

/** A name that the server refused. */
export interface BadName {
  readonly name: string;
  readonly reason: string;
}

export interface Application {
  readonly id: number;
  readonly size: number;
}

interface Steps {
  readonly signal: AbortSignal;
  /** Told how many names or devices are through. */
  readonly onStep: (done: number) => void;
}

/** A tenth of what an application may hold, so that progress is seen. */
const SLICE = 1_000;
const LARGEST_COUNT = 10_000;
const PAGE_SIZE = 50;
const POLL_MS = 300;

/** Has the server check the names, a slice at a time. Nothing is registered by that. */
export async function checkNames(
  productKey: string,
  entries: readonly Entry[],
  { signal, onStep }: Steps,
): Promise<{ readonly applications: readonly Application[]; readonly bad: readonly BadName[] }> {
  const applications: Application[] = [];
  const bad: BadName[] = [];
  for (let from = 0; from < entries.length; from += SLICE) {
    const slice = entries.slice(from, from + SLICE);
    const list = slice.map(({ name, nickname }) => ({
      DeviceName: name,
      ...(nickname === '' ? {} : { DeviceNickname: nickname }),
    }));
    const request = { ProductKey: productKey, DeviceNameList: list };
    const { Data: application } = await callAction('BatchCheckDeviceNames', request, signal);
    const state = await settled(productKey, application.ApplyId, 'CHECK', signal);
    if (state.Status === 'CHECK_SUCCESS') applications.push({ id: application.ApplyId, size: slice.length });
    else bad.push(...badNames(state));
    onStep(from + slice.length);
  }
  return { applications, bad };
}

/** Applies for devices whose names the server makes up. */
export async function applyForCount(productKey: string, count: number, signal: AbortSignal): Promise<Application[]> {
  const applications: Application[] = [];
  for (let left = count; left > 0; left -= LARGEST_COUNT) {
    const size = Math.min(left, LARGEST_COUNT);
    const { Data } = await callAction('BatchRegisterDevice', { ProductKey: productKey, Count: size }, signal);
    applications.push({ id: Data.ApplyId, size });
  }
  return applications;
}

/**
 * Registers what was checked, or waits for what was applied for, and reads the devices with their secrets.
 * @param start false for applications that begin by themselves
 */
export async function register(
  productKey: string,
  applications: readonly Application[],
  { signal, onStep, start }: Steps & { readonly start: boolean },
): Promise<{ readonly devices: readonly RegisteredDevice[]; readonly bad: readonly BadName[] }> {
  const devices: RegisteredDevice[] = [];
  const bad: BadName[] = [];
  for (const { id } of applications) {
    if (start) await callAction('BatchRegisterDeviceWithApplyId', { ProductKey: productKey, ApplyId: id }, signal);
    const state = await settled(productKey, id, 'CREATE', signal);
    if (state.Status !== 'CREATE_SUCCESS') bad.push(...badNames(state));
    for (let page = 1; ; page += 1) {
      const request = { ApplyId: id, CurrentPage: page, PageSize: PAGE_SIZE };
      const answer = await callAction('QueryPageByApplyId', request, signal);
      devices.push(...answer.ApplyDeviceList.ApplyDeviceInfo);
      onStep(devices.length + bad.length);
      if (page >= answer.PageCount) break;
    }
  }
  return { devices, bad };
}

type State = AnswerOf<'QueryBatchRegisterDeviceStatus'>['Data'];

/** Waits until an application is through with a step. */
async function settled(productKey: string, id: number, step: 'CHECK' | 'CREATE', signal: AbortSignal): Promise<State> {
  for (;;) {
    const request = { ProductKey: productKey, ApplyId: id };
    const { Data } = await callAction('QueryBatchRegisterDeviceStatus', request, signal);
    if (Data.Status.startsWith(`${step}_`)) return Data;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
}

const badNames = ({ InvalidDetailList }: State): BadName[] =>
  InvalidDetailList.invalidDetailList.map(({ DeviceName, ErrorMsg }) => ({ name: DeviceName, reason: ErrorMsg }));
