import { type DeviceTally, largestProducts, tallyDevices } from '../store/queries/device-states.ts';
import { countFirmware, hasReadyFirmware } from '../store/queries/firmware.ts';
import { countJobsByStatus, hasRollout } from '../store/queries/job-list.ts';
import { countProducts } from '../store/queries/products.ts';
import type { JobTable } from '../store/schema.ts';
import type { Deps, Scope } from './deps.ts';

/** Products that are told of one by one. */
const LARGEST = 50;

/** What has to be there before devices can be updated, in the order in which it is made. */
export type Step = 'PRODUCT' | 'DEVICE' | 'CONNECTION' | 'PACKAGE' | 'VERIFICATION' | 'JOB';

export interface Overview {
  readonly devices: DeviceTally;
  /** The products with the most devices. */
  readonly products: readonly (DeviceTally & { readonly key: string; readonly name: string })[];
  readonly productCount: number;
  readonly packageCount: number;
  readonly jobs: ReadonlyMap<JobTable['status'], number>;
  readonly missing: readonly Step[];
}

/** What there is in an instance, as numbers, and what it still lacks. */
export function overviewOf({ engine, figures }: Pick<Deps, 'engine' | 'figures'>, scope: Scope): Promise<Overview> {
  const { instanceId } = scope;
  const db = engine.read;
  return figures.remember(`overview ${instanceId}`, async () => {
    const devices = await tallyDevices(db, instanceId);
    const products = await largestProducts(db, instanceId, LARGEST);
    const productCount = await countProducts(db, instanceId);
    const packageCount = await countFirmware(db, instanceId);
    const jobs = await countJobsByStatus(db, instanceId);
    const there: Readonly<Record<Step, boolean>> = {
      PRODUCT: productCount > 0,
      DEVICE: devices.total > 0,
      CONNECTION: devices.activated > 0,
      PACKAGE: packageCount > 0,
      VERIFICATION: await hasReadyFirmware(db, instanceId),
      JOB: await hasRollout(db, instanceId),
    };
    const missing = (Object.keys(there) as Step[]).filter((step) => !there[step]);
    return { devices, products, productCount, packageCount, jobs, missing };
  });
}
