import type { Credentials } from './c-device.ts';
import { currentSdk, models } from './clients.ts';
import { type Otaru, rootKey } from './otaru.ts';
import { uploadForm } from './upload.ts';

/** A product with devices and a package of version 2.0.0 for them, and what a test asks about jobs. */
export async function prepareRollout(
  otaru: Pick<Otaru, 'http'>,
  name: string,
  devices: number,
  bytes: Uint8Array<ArrayBuffer>,
) {
  const sdk = currentSdk(otaru.http, rootKey);
  const { body: product } = await sdk.createProduct(
    new models.CreateProductRequest({ productName: name, nodeType: 0 }),
  );
  const productKey = product.productKey ?? '';
  const credentials: Credentials[] = [];
  for (let index = 0; index < devices; index++) {
    const deviceName = `device-${index}`;
    const { body } = await sdk.registerDevice(new models.RegisterDeviceRequest({ productKey, deviceName }));
    credentials.push({ productKey, deviceName, deviceSecret: body.data?.deviceSecret ?? '' });
  }
  const { body: granted } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
  const grant = granted.data as unknown as Record<string, string>;
  const uploaded = await uploadForm({ ...grant, OSSAccessKeyId: grant['OSSAccessKeyId'] ?? '' }, bytes);
  if (uploaded.status !== 200) throw new Error(`the upload was answered ${uploaded.status}`);
  const { body: created } = await sdk.createOTAFirmware(
    new models.CreateOTAFirmwareRequest({
      firmwareName: name,
      destVersion: '2.0.0',
      productKey,
      firmwareUrl: grant['firmwareUrl'],
      needToVerify: false,
    }),
  );
  const firmwareId = created.data?.firmwareId ?? '';
  return {
    sdk,
    productKey,
    credentials,
    firmwareId,
    /** Rolls the package out to these devices, or to all that were registered. */
    async start(to: readonly Credentials[] = credentials, needPush = true): Promise<string> {
      const request = new models.CreateOTAStaticUpgradeJobRequest({
        firmwareId,
        productKey,
        targetSelection: 'SPECIFIC',
        needPush,
        targetDeviceName: to.map((each) => each.deviceName),
      });
      return (await sdk.createOTAStaticUpgradeJob(request)).body.data?.jobId ?? '';
    },
    async tasks(jobId: string) {
      const request = new models.ListOTATaskByJobRequest({ jobId, currentPage: 1, pageSize: 100 });
      return (await sdk.listOTATaskByJob(request)).body.data?.simpleOTATaskInfo ?? [];
    },
    async jobStatus(jobId: string) {
      const { body } = await sdk.queryOTAJob(new models.QueryOTAJobRequest({ jobId }));
      return body.data?.jobStatus;
    },
  };
}

export type Rollout = Awaited<ReturnType<typeof prepareRollout>>;
