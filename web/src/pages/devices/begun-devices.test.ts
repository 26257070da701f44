import { afterEach, describe, expect, it, vi } from 'vitest';
import { pageOfBegun } from './begun-devices.ts';
import { DEPTH, everyBegun } from './every-device.ts';

const begun = { productKey: 'a1BCDEFGHIJ', status: undefined, text: 'lamp' };
const { signal } = new AbortController();
afterEach(() => vi.unstubAllGlobals());

/** A server that answers statements and lists by `answer`. */
function answering(answer: (action: string, sql: string) => object): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (address: string, { body }: { readonly body: URLSearchParams }) => {
    const action = address.split('/').at(-1) ?? '';
    const sql = body.get('SQL') ?? '';
    asked.push(sql === '' ? action : sql);
    return Response.json({ Success: true, ...answer(action, sql) });
  });
  return asked;
}

const row = (name: string, nickname = '') => ({
  IotId: name,
  ProductKey: begun.productKey,
  DeviceName: name,
  Nickname: nickname,
  Status: 'ONLINE',
  GmtCreate: '2030-01-01 08:00:02.500',
});

describe('a page of devices that begin so', () => {
  it('has those by name first, then those by nickname, with times as other lists have them', async () => {
    const asked = answering((_, sql) => {
      if (sql.includes('count(*)')) return { TotalCount: sql.includes('nickname') ? 7 : 3, Data: [] };
      return { Data: sql.includes('nickname') ? [row('door', 'lamp_1')] : [row('lamp-3')] };
    });
    const page = await pageOfBegun(begun, { page: 2, size: 2 }, signal);
    expect(page).toMatchObject({ total: 10, withoutNicknames: false });
    expect(page.devices.map(({ name }) => name)).toEqual(['lamp-3', 'door']);
    expect(page.devices[0]?.createdAt).toBe('2030-01-01T00:00:02.500Z');
    expect(asked.slice(2).map((sql) => /LIMIT (.*)$/.exec(sql)?.[1])).toEqual(['2,1', '0,1']);
  });

  it('does without nicknames where there are too many to look at', async () => {
    answering((_, sql) => {
      if (sql.includes('nickname')) return { Success: false, Code: 'iot.devicesearch.ConditionError' };
      return sql.includes('count(*)') ? { TotalCount: 1 } : { Data: [row('lamp-1')] };
    });
    expect(await pageOfBegun(begun, { page: 1, size: 50 }, signal)).toMatchObject({
      total: 1,
      withoutNicknames: true,
      devices: [{ name: 'lamp-1' }],
    });
  });
});

it('every device that begins so is told, also where a search does not reach', async () => {
  const plain = { DeviceSecret: 's', DeviceStatus: 'ONLINE', UtcCreate: '2030-01-01T00:00:00.000Z' };
  const asked = answering(() => ({
    Total: 3,
    NextToken: '',
    Data: { DeviceInfo: [row('lamp-1'), row('door'), row('gate', 'lamp_2')].map((one) => ({ ...one, ...plain })) },
  }));
  const names: string[] = [];
  for await (const devices of everyBegun(begun, { total: DEPTH + 1, secrets: true }, signal))
    names.push(...devices.map(({ name }) => name));
  expect(names).toEqual(['lamp-1', 'gate']);
  expect(asked).toEqual(['QueryDevice']);
});
