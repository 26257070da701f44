import type { Db, Tx } from '../store/engine.ts';
import { hasFirmwareOfModule } from '../store/queries/firmware.ts';
import { countModuleVersions, type ModuleVersionRow, pageOfModuleVersions } from '../store/queries/modules.ts';
import {
  countModules,
  deleteModule,
  insertModule,
  listModules,
  lockModule,
  type OtaModuleRow,
  updateModule,
} from '../store/queries/ota-modules.ts';
import { lockProduct } from '../store/queries/products.ts';
import { DEFAULT_MODULE } from '../wire/device-messages.ts';
import type { Deps, Scope } from './deps.ts';
import { type Device, type DeviceSelector, getDevice } from './devices.ts';
import { fail } from './failure.ts';
import { isCarriable, isModuleAlias, isModuleName, isShortDescription } from './names.ts';
import { type Page, page } from './paging.ts';
import { checkProductKey, requireProduct } from './products.ts';

export interface Module {
  readonly productKey: string;
  readonly name: string;
  /** Empty for none. */
  readonly alias: string;
  readonly description: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** A module as a client names it. */
export interface ModuleRef {
  readonly productKey: string;
  readonly name: string;
}

/** What may be changed of a module; an empty text takes a value away, an absent one leaves it. */
export interface ModuleTexts {
  readonly alias?: string | undefined;
  readonly description?: string | undefined;
}

const LARGEST_PAGE = 200;

const toModule = (row: OtaModuleRow): Module => ({
  productKey: row.product_key,
  name: row.name,
  alias: row.alias,
  description: row.description,
  createdAt: row.created_at,
  modifiedAt: row.modified_at,
});

/** @throws ota.nullModuleName, ota.malformedModuleName */
function checkName(name: string): void {
  if (name === '') fail('ota.nullModuleName');
  if (!isModuleName(name)) fail('ota.malformedModuleName');
}

/** @throws module.malformedAlias, module.longDescription, common.invalidParameter */
function checkTexts({ alias, description }: ModuleTexts): void {
  if (alias && !isModuleAlias(alias)) fail('module.malformedAlias');
  if (description && !isShortDescription(description)) fail('module.longDescription');
  if (description && !isCarriable(description)) fail('common.invalidParameter', { Parameter: 'Desc' });
}

/**
 * The row of a module that packages can be for, held until the end of the transaction: it is not deleted meanwhile.
 * @throws module.notFound; names are told apart by letter case here, as devices do when they report
 */
export async function requireModule(tx: Tx, { productKey, name }: ModuleRef): Promise<OtaModuleRow> {
  return (await lockModule(tx, productKey, name)) ?? fail('module.notFound');
}

/** @throws the errors of CreateOTAModule */
export async function createModule(
  { engine, clock, limits }: Pick<Deps, 'engine' | 'clock' | 'limits'>,
  scope: Scope,
  input: ModuleRef & ModuleTexts,
): Promise<void> {
  checkName(input.name);
  checkTexts(input);
  const now = clock.now();
  try {
    await engine.transaction(async (tx) => {
      // held, so that of two callers who count modules one waits
      const productKey = checkProductKey(input.productKey);
      if (!(await lockProduct(tx, scope.instanceId, productKey))) fail('product.notFound');
      if (input.name.toLowerCase() === DEFAULT_MODULE) fail('module.nameTaken');
      await insertModule(tx.db, {
        product_key: productKey,
        name: input.name,
        alias: input.alias ?? '',
        description: input.description ?? '',
        created_at: now,
        modified_at: now,
      });
      if ((await countModules(tx.db, productKey)) > limits.modulesPerProduct) fail('module.countExceeded');
    });
  } catch (error) {
    if (engine.isUniqueViolation(error)) fail('module.nameTaken');
    throw error;
  }
}

/** A custom module of a product of the caller's, locked. */
async function lockCustomModule(tx: Tx, scope: Scope, ref: ModuleRef): Promise<OtaModuleRow> {
  await requireProduct(tx.db, scope, ref.productKey);
  if (ref.name === DEFAULT_MODULE) fail('module.builtIn');
  return requireModule(tx, ref);
}

/** @throws the errors of UpdateOTAModule */
export async function changeModule(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  scope: Scope,
  input: ModuleRef & ModuleTexts,
): Promise<void> {
  checkName(input.name);
  checkTexts(input);
  await engine.transaction(async (tx) => {
    const row = await lockCustomModule(tx, scope, input);
    await updateModule(tx, row, {
      alias: input.alias ?? row.alias,
      description: input.description ?? row.description,
      modified_at: clock.now(),
    });
  });
}

/**
 * Deletes a module. What devices reported of it stays known.
 * @throws the errors of DeleteOTAModule
 */
export async function removeModule({ engine }: Pick<Deps, 'engine'>, scope: Scope, ref: ModuleRef): Promise<void> {
  checkName(ref.name);
  await engine.transaction(async (tx) => {
    const row = await lockCustomModule(tx, scope, ref);
    if (await hasFirmwareOfModule(tx.db, row.product_key, row.name)) fail('module.inUse');
    await deleteModule(tx, row);
  });
}

/** The modules of a product, oldest first, without the built-in one. @throws product.* */
export async function modulesOfProduct(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  productKey: string,
): Promise<Module[]> {
  await requireProduct(engine.read, scope, productKey);
  return (await listModules(engine.read, productKey)).map(toModule);
}

/** The modules that a device reported a version of, by name; `default` is one of them. @throws common.invalidPage, product.*, device.* */
export async function moduleVersions(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly device: DeviceSelector; readonly page: number; readonly pageSize: number },
): Promise<{
  readonly page: Page;
  readonly total: number;
  readonly device: Device;
  readonly versions: readonly Pick<ModuleVersionRow, 'module' | 'version'>[];
}> {
  const wanted = page(input.page, input.pageSize, { maxSize: LARGEST_PAGE });
  const device = await getDevice({ engine }, scope, input.device);
  const db: Db = engine.read;
  return {
    page: wanted,
    total: await countModuleVersions(db, device.id),
    device,
    versions: await pageOfModuleVersions(db, device.id, { offset: wanted.offset, limit: wanted.size }),
  };
}
