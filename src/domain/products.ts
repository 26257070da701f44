import type { Selectable } from 'kysely';
import type { Db } from '../store/engine.ts';
import {
  countProducts,
  findProduct,
  insertProduct,
  listProducts,
  lockInstance,
  updateProduct,
} from '../store/queries/products.ts';
import type { ProductTable } from '../store/schema.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isCarriable, isCategoryKey, isProductKey, isProductName, isShortDescription } from './names.ts';
import { type Page, page } from './paging.ts';

export type ProductRow = Selectable<ProductTable>;

export interface Product {
  readonly key: string;
  readonly name: string;
  /** 0 device, 1 gateway. */
  readonly nodeType: number;
  /** 0 custom, 1 Alink JSON. */
  readonly dataFormat: number;
  readonly netType: string;
  readonly authType: string;
  readonly commodityCode: string;
  readonly categoryKey: string;
  readonly protocolType: string;
  /** 1 weak, 2 none. */
  readonly validateType: number;
  readonly description: string;
  readonly deviceCount: number;
  readonly createdAt: number;
}

export interface ProductWithSecret extends Product {
  readonly secret: string;
}

/** An empty optional text counts as one that was not given. */
export interface NewProduct {
  readonly name: string;
  readonly nodeType: number;
  readonly description?: string | undefined;
  readonly commodityCode?: string | undefined;
  readonly dataFormat?: number | undefined;
  readonly netType?: string | undefined;
  readonly protocolType?: string | undefined;
  readonly authType?: string | undefined;
  readonly categoryKey?: string | undefined;
  readonly validateType?: number | undefined;
}

const SENIOR = 'iothub_senior';
const BASIC = 'iothub';
const NET_TYPES = ['WIFI', 'CELLULAR', 'ETHERNET', 'OTHER', 'LORA'];
const PROTOCOL_TYPES = ['modbus', 'opc-ua', 'customize', 'ble', 'zigbee'];
const LARGEST_PAGE = 200;

function toProduct(row: ProductRow): Product {
  return {
    key: row.key,
    name: row.name,
    nodeType: row.node_type,
    dataFormat: row.data_format ?? 0,
    netType: row.net_type,
    authType: row.auth_type,
    commodityCode: row.commodity_code,
    categoryKey: row.category_key ?? '',
    protocolType: row.protocol_type ?? '',
    validateType: row.validate_type,
    description: row.description,
    deviceCount: row.device_count,
    createdAt: row.created_at,
  };
}

const withSecret = (vault: Deps['vault'], row: ProductRow): ProductWithSecret => ({
  ...toProduct(row),
  secret: vault.open(row.secret),
});

function checkAuthType(authType: string): void {
  if (authType === 'secret') return;
  // devices of such products could not connect here: better refused than made
  if (authType === 'id2') fail('product.id2NotOpen');
  if (authType === 'x509') fail('system.notSupportedYet', { Detail: 'AuthType x509' });
  fail('product.invalidAuthType');
}

function checkName(name: string): void {
  if (name === '') fail('product.nullName');
  if (!isProductName(name)) fail('product.malformedName');
}

function checkDescription(description: string): void {
  if (!isShortDescription(description)) fail('product.longDescription');
  if (!isCarriable(description)) fail('common.invalidParameter', { Parameter: 'Description' });
}

/** Completes and checks what a client sent (openapi-devices 2, CreateProduct). */
function complete(input: NewProduct) {
  checkName(input.name);
  if (input.nodeType !== 0 && input.nodeType !== 1) fail('product.invalidNodeType');
  const description = input.description ?? '';
  checkDescription(description);
  const senior = input.commodityCode === SENIOR;
  if (input.commodityCode && !senior) fail('product.invalidCommodityCode');
  const dataFormat = input.dataFormat ?? (senior ? undefined : 0);
  if (dataFormat !== 0 && dataFormat !== 1) fail('common.invalidParameter', { Parameter: 'DataFormat' });
  const netType = input.netType || 'WIFI';
  if (!NET_TYPES.includes(netType)) fail('common.invalidParameter', { Parameter: 'NetType' });
  const protocolType = input.protocolType || null;
  if (protocolType !== null && !PROTOCOL_TYPES.includes(protocolType)) {
    fail('common.invalidParameter', { Parameter: 'ProtocolType' });
  }
  const authType = input.authType || 'secret';
  checkAuthType(authType);
  const categoryKey = input.categoryKey || null;
  if (categoryKey !== null && !isCategoryKey(categoryKey)) fail('product.invalidCategory');
  const validateType = input.validateType ?? 1;
  if (validateType !== 1 && validateType !== 2) fail('common.invalidParameter', { Parameter: 'ValidateType' });
  return {
    name: input.name,
    node_type: input.nodeType,
    description,
    commodity_code: senior ? SENIOR : BASIC,
    data_format: dataFormat,
    net_type: netType,
    protocol_type: protocolType,
    auth_type: authType,
    category_key: categoryKey,
    validate_type: validateType,
  };
}

/** @throws product.*, common.invalidParameter, system.notSupportedYet */
export async function createProduct(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'>,
  scope: Scope,
  input: NewProduct,
): Promise<ProductWithSecret> {
  const row = {
    ...complete(input),
    key: `a1${deps.ids.text(9)}`,
    instance_id: scope.instanceId,
    secret: deps.vault.seal(deps.ids.text(16)),
    device_count: 0,
    dynamic_registration: 0 as const,
    created_at: deps.clock.now(),
  };
  try {
    await deps.engine.transaction(async (tx) => {
      await lockInstance(tx, scope.instanceId);
      if ((await countProducts(tx.db, scope.instanceId)) >= deps.limits.products) fail('product.countExceeded');
      await insertProduct(tx.db, row);
      tx.made(row.key);
    });
  } catch (error) {
    if (deps.engine.isUniqueViolation(error)) fail('product.nameTaken');
    throw error;
  }
  return withSecret(deps.vault, row);
}

/**
 * Renames a product and, if one is given, replaces its description; an empty one clears it.
 * @throws product.*, common.invalidParameter
 */
export async function changeProduct(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly key: string; readonly name: string; readonly description?: string | undefined },
): Promise<void> {
  const key = checkProductKey(input.key);
  const { name, description } = input;
  checkName(name);
  if (description !== undefined) checkDescription(description);
  const changes = description === undefined ? { name } : { name, description };
  try {
    await engine.transaction(async (tx) => {
      if (!(await updateProduct(tx.db, scope.instanceId, key, changes))) fail('product.notFound');
    });
  } catch (error) {
    if (engine.isUniqueViolation(error)) fail('product.nameTaken');
    throw error;
  }
}

/** @throws product.nullKey, product.malformedKey */
export function checkProductKey(key: string | undefined): string {
  if (!key) fail('product.nullKey');
  if (!isProductKey(key)) fail('product.malformedKey');
  return key;
}

/** The row of a product that a client named. @throws product.nullKey, product.malformedKey, product.notFound */
export async function requireProduct(db: Db, scope: Scope, key: string | undefined): Promise<ProductRow> {
  return (await findProduct(db, scope.instanceId, checkProductKey(key))) ?? fail('product.notFound');
}

/** @throws product.nullKey, product.malformedKey, product.notFound */
export async function getProduct(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  scope: Scope,
  key: string,
): Promise<ProductWithSecret> {
  return withSecret(vault, await requireProduct(engine.read, scope, key));
}

/** Newest first. @throws common.invalidPage, product.invalidCommodityCode */
export async function pageOfProducts(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly page: number; readonly pageSize: number; readonly commodityCode?: string | undefined },
): Promise<{ readonly page: Page; readonly total: number; readonly products: Product[] }> {
  const wanted = page(input.page, input.pageSize, { maxSize: LARGEST_PAGE });
  const commodityCode = input.commodityCode || undefined;
  if (commodityCode !== undefined && commodityCode !== SENIOR && commodityCode !== BASIC) {
    fail('product.invalidCommodityCode');
  }
  const total = await countProducts(engine.read, scope.instanceId, commodityCode);
  const rows = await listProducts(engine.read, scope.instanceId, {
    commodityCode,
    offset: wanted.offset,
    limit: wanted.size,
  });
  return { page: wanted, total, products: rows.map(toProduct) };
}
