import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { models, popCore } from '../acceptance/support/clients.ts';
import { eachDatabase } from '../acceptance/support/engines.ts';
import { type Otaru, rootKey, startOtaru } from '../acceptance/support/otaru.ts';
import { prepareRollout, type Rollout } from '../acceptance/support/rollout.ts';
import { eventually } from '../acceptance/support/wait.ts';

const DEVICES = 8_000;
const PAGE = 50;

/** Registers many devices in one go. @returns their names */
async function registerMany({ sdk, productKey }: Rollout): Promise<string[]> {
  const request = new models.BatchRegisterDeviceRequest({ productKey, count: DEVICES });
  const applyId = (await sdk.batchRegisterDevice(request)).body.data?.applyId ?? 0;
  await eventually(async () => {
    const { body } = await sdk.queryBatchRegisterDeviceStatus(
      new models.QueryBatchRegisterDeviceStatusRequest({ productKey, applyId }),
    );
    expect(body.data?.status).toBe('CREATE_SUCCESS');
  }, 60_000);
  const names: string[] = [];
  for (let currentPage = 1; names.length < DEVICES; currentPage += 1) {
    const page = new models.QueryPageByApplyIdRequest({ applyId, currentPage, pageSize: PAGE });
    const devices = (await sdk.queryPageByApplyId(page)).body.applyDeviceList?.applyDeviceInfo ?? [];
    names.push(...devices.map((device) => device.deviceName ?? ''));
  }
  return names;
}

eachDatabase('a server that is killed while it makes the tasks of a large job', (variables) => {
  let otaru: Otaru;
  beforeAll(async () => {
    otaru = await startOtaru({ ...(await variables()), OTARU_LIMITS: 'open' });
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  it('goes on where it stood: every device gets its task, and none gets two', async () => {
    const rollout = await prepareRollout(otaru, 'kill_lamp', 0, randomBytes(1_000) as Buffer<ArrayBuffer>);
    const { productKey, firmwareId } = rollout;
    const names = await registerMany(rollout);
    const targets = Object.fromEntries(names.map((name, index) => [`TargetDeviceName.${index + 1}`, name]));
    const parameters = { FirmwareId: firmwareId, ProductKey: productKey, TargetSelection: 'SPECIFIC', ...targets };
    const call = popCore(otaru.http, rootKey).request<{ Data: { JobId: string } }>(
      'CreateOTAStaticUpgradeJob',
      parameters,
      { method: 'POST', timeout: 60_000 },
    );
    const jobId = (await call).Data.JobId;

    await otaru.kill();
    await otaru.start();

    const page = async (currentPage: number, taskStatus?: string) => {
      const request = new models.ListOTATaskByJobRequest({ jobId, currentPage, pageSize: 100, taskStatus });
      return (await rollout.sdk.listOTATaskByJob(request)).body;
    };
    const begun = (await page(1)).total ?? 0;
    expect(begun).toBeGreaterThanOrEqual(1_000);
    expect(begun).toBeLessThan(DEVICES);
    // the killed server may have been at the job and hold its lease for another 15 s
    await eventually(async () => expect((await page(1)).total).toBe(DEVICES), 60_000);
    expect((await page(1, 'QUEUED')).total).toBe(DEVICES);
    const made: string[] = [];
    for (let number = 1; number <= DEVICES / 100; number += 1) {
      const tasks = (await page(number)).data?.simpleOTATaskInfo ?? [];
      made.push(...tasks.map((task) => task.deviceName ?? ''));
    }
    expect(made).toEqual(names);
    expect(await rollout.jobStatus(jobId)).toBe('IN_PROGRESS');
  });
});
