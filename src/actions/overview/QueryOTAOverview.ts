import { overviewOf } from '../../domain/overview.ts';
import type { DeviceTally } from '../../store/queries/device-states.ts';
import type { Handler } from '../handler.ts';

export const QueryOTAOverview: Handler<'QueryOTAOverview'> = async (deps, scope) => {
  const { devices, products, productCount, packageCount, jobs, missing } = await overviewOf(deps, scope);
  return {
    Data: {
      Devices: deviceCounts(devices),
      ProductCount: productCount,
      Products: {
        ProductDevices: products.map((product) => ({
          ProductKey: product.key,
          ProductName: product.name,
          ...deviceCounts(product),
        })),
      },
      FirmwareCount: packageCount,
      Jobs: {
        Planned: jobs.get('PLANNED') ?? 0,
        InProgress: jobs.get('IN_PROGRESS') ?? 0,
        Completed: jobs.get('COMPLETED') ?? 0,
        Canceled: jobs.get('CANCELED') ?? 0,
      },
      Missing: { Step: [...missing] },
    },
  };
};

const deviceCounts = ({ total, inactive, online, offline, disabled, activated }: DeviceTally) => ({
  Total: total,
  Inactive: inactive,
  Online: online,
  Offline: offline,
  Disabled: disabled,
  Activated: activated,
});
