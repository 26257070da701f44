import { moduleVersions } from '../../domain/modules.ts';
import { pagingAnswer } from '../../domain/paging.ts';
import type { Handler } from '../handler.ts';

export const ListOTAModuleVersionsByDevice: Handler<'ListOTAModuleVersionsByDevice'> = async (deps, scope, request) => {
  const { page, total, device, versions } = await moduleVersions(deps, scope, {
    device: { id: request.IotId, productKey: request.ProductKey, name: request.DeviceName },
    page: request.CurrentPage,
    pageSize: request.PageSize,
  });
  return {
    ...pagingAnswer(page, total),
    Data: {
      SimpleOTAModuleInfo: versions.map(({ module, version }) => ({
        ProductKey: device.productKey,
        DeviceName: device.name,
        IotId: device.id,
        ModuleName: module,
        ModuleVersion: version,
      })),
    },
  };
};
