import { createRequire } from 'node:module';
import type * as Models from '@alicloud/iot20180120';
import type { Config } from '@alicloud/openapi-client';

// the SDKs are CommonJS with a default export of their own, which import syntax hides behind a second one
const require = createRequire(import.meta.url);
const iot = require('@alicloud/iot20180120') as typeof Models & { default: new (config: object) => Models.default };
const { Config: SdkConfig } = require('@alicloud/openapi-client') as { Config: typeof Config };
const PopCore = require('@alicloud/pop-core') as {
  new (options: object): { request<T>(action: string, parameters: object, options?: object): Promise<T> };
};

export const models = iot;

export interface Key {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** A busy machine may take longer than the 3 s that the SDKs wait by default. */
const PATIENCE = { readTimeout: 30_000, connectTimeout: 30_000 };

/** The current SDK, untouched, with V3 signatures: only the endpoint is ours. */
export function currentSdk(origin: string, key: Key) {
  const config = new SdkConfig({ ...key, ...PATIENCE, endpoint: new URL(origin).host, protocol: 'http' });
  return new iot.default(config);
}

/** The older core, untouched, with V1 signatures. */
export function popCore(origin: string, key: Key) {
  return new PopCore({ ...key, endpoint: origin, apiVersion: '2018-01-20', opts: { timeout: PATIENCE.readTimeout } });
}

/** What the SDK's classes of parameters and answers know of themselves. */
interface ModelClass {
  new (members: object): object;
  names(): Readonly<Record<string, string>>;
  types(): Readonly<
    Record<string, string | ModelClass | { readonly type: string; readonly itemType: string | ModelClass }>
  >;
}

/** Parameters under their wire names as the object that a program written for the SDK makes of them. */
function toModel(model: ModelClass, parameters: Readonly<Record<string, unknown>>): object {
  const known = new Map(Object.entries(model.names()).map(([name, wireName]) => [wireName, name]));
  const members = Object.entries(parameters).map(([wireName, value]) => {
    const name = known.get(wireName);
    if (name === undefined) throw new Error(`the SDK has no parameter ${wireName}`);
    const type = model.types()[name];
    const item = typeof type === 'object' ? type.itemType : undefined;
    return [name, typeof item === 'function' ? (value as object[]).map((each) => toModel(item, { ...each })) : value];
  });
  return new model(Object.fromEntries(members));
}

type SdkMethod = (request: object) => Promise<{ body: { toMap(): Record<string, unknown> } }>;

/** Calls an operation through the method that the SDK has for it. @returns the answer under its wire names */
export async function callCurrentSdk(
  origin: string,
  key: Key,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const sdk = currentSdk(origin, key) as unknown as Record<string, SdkMethod | undefined>;
  const model = (iot as unknown as Record<string, ModelClass>)[`${action}Request`];
  const method = sdk[action.charAt(0).toLowerCase() + action.slice(1)];
  if (!model || !method) throw new Error(`the SDK has no ${action}`);
  const { body } = await method.call(sdk, toModel(model, parameters));
  return body.toMap();
}
