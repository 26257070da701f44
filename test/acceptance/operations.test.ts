import { afterAll, beforeAll, expect, it } from 'vitest';
import { notInSdk, operations } from './operations/index.ts';
import { type Tree, textAt, type Via, type World } from './operations/operation.ts';
import { callCurrentSdk, popCore } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { eventually } from './support/wait.ts';
import { callSignedV3 } from './support/wire.ts';

interface View {
  readonly ok: boolean;
  readonly body: Tree;
}

eachDatabase('every operation, through the current SDK and the older core', (variables) => {
  let otaru: Otaru;
  let core: ReturnType<typeof popCore>;
  let world: World;
  let uploaded: string | undefined;

  beforeAll(async () => {
    otaru = await startOtaru(await variables());
    core = popCore(otaru.http, rootKey);
    world = {
      v1: {},
      v3: {},
      async call(action, parameters) {
        const { ok, body } = await calls.v1(action, parameters);
        if (!ok) throw new Error(`${action} was refused: ${JSON.stringify(body)}`);
        return body;
      },
      async upload() {
        if (uploaded) return uploaded;
        const { Data } = await world.call('GenerateOTAUploadURL', {});
        const { Host, Key, Policy, OSSAccessKeyId, Signature, FirmwareUrl } = Data as Record<string, string>;
        const grant = { host: Host ?? '', key: Key ?? '', policy: Policy ?? '', signature: Signature ?? '' };
        const file = new TextEncoder().encode('the bytes of version 2.0.0');
        expect((await uploadForm({ ...grant, OSSAccessKeyId: OSSAccessKeyId ?? '' }, file)).status).toBe(200);
        uploaded = FirmwareUrl ?? '';
        return uploaded;
      },
      async device(name) {
        const made = await world.call('RegisterDevice', { ProductKey: world.v3['product'], DeviceName: name });
        return textAt(made, 'Data', 'IotId');
      },
    };
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  /** What a program sees of an answer: its members, whether they come as a result or with an error. */
  const calls: Readonly<Record<Via, (action: string, parameters: Tree) => Promise<View>>> = {
    async v1(action, parameters) {
      const call = () => core.request<Tree>(action, parameters, { method: 'POST' });
      // the core makes an error of every answer with a code
      const answer = () => call().catch((error: { data?: Tree }) => error.data ?? Promise.reject(error));
      return view(await withinQuota(answer));
    },
    async v3(action, parameters) {
      const call = notInSdk.has(action) ? callSignedV3 : callCurrentSdk;
      return view(await withinQuota(() => call(otaru.http, rootKey, action, parameters)));
    },
  };

  it.each(operations)('$action', async (operation) => {
    const { action, good, same, unseen = [], keep, refused, code } = operation;
    const views: Partial<Record<Via, Tree>> = {};
    for (const via of ['v3', 'v1'] as const) {
      const { ok, body } = await calls[via](action, await good(world, via));
      expect(ok, `${via}: ${JSON.stringify(body)}`).toBe(true);
      Object.assign(world[via], keep?.(body));
      views[via] = body;
    }
    const seen = without(unseen, views.v1);
    if (same) expect(views.v3).toEqual(seen);
    else expect(shapeOf(views.v3)).toEqual(shapeOf(seen));
    for (const name of unseen) expect(JSON.stringify(views.v1)).toContain(`"${name}":`);

    const [current, older] = [await calls.v3(action, refused(world)), await calls.v1(action, refused(world))];
    expect(current).toMatchObject({ ok: false, body: { Success: false, Code: code } });
    expect(current).toEqual(older);
  });

  it('a list of states, which the current SDK does not know', async () => {
    const parameters = { IotId: world.v3['device'], TaskStatusList: ['QUEUED', 'NOTIFIED'] };
    const action = 'ListOTAUnfinishedTaskByDevice';
    const byHand = view(await callSignedV3(otaru.http, rootKey, action, parameters));
    expect(byHand).toMatchObject({ ok: true });
    expect(byHand).toEqual(await calls.v1(action, parameters));
    const finished = { ...parameters, TaskStatusList: ['QUEUED', 'FAILED'] };
    const refused = view(await callSignedV3(otaru.http, rootKey, action, finished));
    expect(refused).toMatchObject({ ok: false, body: { Code: 'iot.firmware.InvalidTaskStatus' } });
    expect(refused).toEqual(await calls.v1(action, finished));
  });
});

/** Some operations may be called once a second. */
const withinQuota = (call: () => Promise<Tree>): Promise<Tree> =>
  eventually(async () => {
    const answer = await call();
    if (answer['Code'] === 'Throttling.User') throw new Error(`throttled: ${JSON.stringify(answer)}`);
    return answer;
  }, 5_000);

/** Without the RequestId, of which every call has its own. */
function view(answer: Tree): View {
  const { RequestId, ...body } = JSON.parse(JSON.stringify(answer)) as Tree;
  expect(RequestId).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
  return { ok: body['Success'] === true, body };
}

function without(names: readonly string[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => without(names, item));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => !names.includes(name));
  return Object.fromEntries(members.map(([name, member]) => [name, without(names, member)]));
}

/** The names and types of what an answer holds. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}
