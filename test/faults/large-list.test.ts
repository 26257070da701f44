import { expect, it, onTestFinished } from 'vitest';
import { rootKey, startOtaru } from '../acceptance/support/otaru.ts';
import { prepareRollout } from '../acceptance/support/rollout.ts';
import { uploadForm } from '../acceptance/support/upload.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { callSignedV3 } from '../acceptance/support/wire.ts';
import { metric } from './support/metrics.ts';

/** `LIST_NAMES=1000000` for the largest list that is allowed. */
const NAMES = Number(process.env['LIST_NAMES'] ?? 200_000);
const MEGABYTE = 1_048_576;
/** A list that was held as a whole would take its size several times, and its names as texts once more. */
const MOST_GROWTH = 120 * MEGABYTE;

it('a list of hundreds of thousands of names is read piece by piece: memory stays, and others are answered meanwhile', async () => {
  const otaru = await startOtaru({ OTARU_LIMITS: 'open', OTARU_METRICS: '127.0.0.1:0' });
  onTestFinished(() => otaru[Symbol.asyncDispose]());
  const rollout = await prepareRollout(otaru, 'large_list', 3, Buffer.from('firmware') as Buffer<ArrayBuffer>);
  const call = (action: string, parameters: object) => callSignedV3(otaru.http, rootKey, action, { ...parameters });
  const memory = () => metric(otaru, 'process_resident_memory_bytes');
  const before = await memory();
  let most = before;
  let isOver = false;
  const waits: number[] = [];
  const watching = (async () => {
    while (!isOver) {
      const from = performance.now();
      await fetch(`${otaru.http}/healthz`);
      waits.push(performance.now() - from);
      most = Math.max(most, await memory());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();

  const lines = Array.from({ length: NAMES }, (_, index) => `sensor-northern-hall-${index}`);
  for (const [index, { deviceName }] of rollout.credentials.entries()) lines.splice(index * 1_000, 0, deviceName);
  const grant = (await call('GenerateDeviceNameListURL', {}))['Data'] as Record<string, string>;
  const form = { host: grant['Host'], key: grant['Key'], policy: grant['Policy'], signature: grant['Signature'] };
  const bytes = Buffer.from(lines.join('\n')) as Buffer<ArrayBuffer>;
  const uploaded = await uploadForm({ ...form, OSSAccessKeyId: grant['AccessKeyId'] ?? '' }, bytes);
  expect(uploaded.status).toBe(200);
  const from = performance.now();
  const job = await call('CreateOTAStaticUpgradeJob', {
    ProductKey: rollout.productKey,
    FirmwareId: rollout.firmwareId,
    TargetSelection: 'SPECIFIC',
    DnListFileUrl: grant['FileUrl'],
  });
  const answerMs = performance.now() - from;
  expect(job).toMatchObject({ Success: true });
  const { JobId: jobId } = job['Data'] as { JobId: string };
  await eventually(async () => {
    const { JobDesc } = (await call('QueryOTAJob', { JobId: jobId }))['Data'] as { JobDesc: string };
    expect(JobDesc).toContain(String(NAMES));
  }, 100_000);
  expect(await rollout.tasks(jobId)).toHaveLength(3);
  isOver = true;
  await watching;
  const p99 = waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0;
  const megabytes = [before, most].map((value) => Math.round(value / MEGABYTE));
  console.log(
    `${NAMES} names, ${Math.round(bytes.length / MEGABYTE)} MB: memory ${megabytes.join(' -> ')} MB, ` +
      `answer after ${answerMs.toFixed(0)} ms, health p99 ${p99.toFixed(0)} ms of ${waits.length}`,
  );
  expect(most - before).toBeLessThan(MOST_GROWTH);
  // generous: other programs may have the processor
  expect(p99).toBeLessThan(1_000);
});
