import { deleteRoutesOfProduct } from '../store/queries/events.ts';
import { deleteFirmware, filesOfFirmware } from '../store/queries/firmware.ts';
import { hasUnfinishedJob } from '../store/queries/jobs.ts';
import { deleteProduct, lockPackagesOfProduct, lockProduct } from '../store/queries/products.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { checkProductKey } from './products.ts';
import { releaseUploads } from './uploads.ts';

/**
 * Deletes a product with its packages, modules, applications and subscription. Refused while it has devices, and while one of its
 * packages could not be deleted by itself (openapi-devices 2). Its jobs stay to be looked at, as after DeleteOTAFirmware.
 * @throws product.nullKey, product.malformedKey, product.notFound, product.inUse
 */
export async function removeProduct(
  { engine, clock, limits }: Pick<Deps, 'engine' | 'clock' | 'limits'>,
  scope: Scope,
  input: string,
): Promise<void> {
  const key = checkProductKey(input);
  await engine.transaction(async (tx) => {
    const product = (await lockProduct(tx, scope.instanceId, key)) ?? fail('product.notFound');
    if (product.device_count > 0) fail('product.inUse', { Detail: 'it has devices.' });
    const packages = await lockPackagesOfProduct(tx, scope.instanceId, key);
    for (const id of packages) {
      if (await hasUnfinishedJob(tx.db, id)) fail('product.inUse', { Detail: 'an update batch is not finished.' });
    }
    const files = await filesOfFirmware(tx.db, packages);
    for (const id of packages) await deleteFirmware(tx, id);
    await releaseUploads(
      { clock, limits },
      tx,
      files.map((file) => file.upload_key),
    );
    await deleteRoutesOfProduct(tx.db, scope.instanceId, key);
    await deleteProduct(tx.db, scope.instanceId, key);
  });
}
