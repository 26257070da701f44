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

/** The current SDK, untouched, with V3 signatures: only the endpoint is ours. */
export function currentSdk(origin: string, key: Key) {
  const config = new SdkConfig({ ...key, endpoint: new URL(origin).host, protocol: 'http' });
  return new iot.default(config);
}

/** The older core, untouched, with V1 signatures. */
export function popCore(origin: string, key: Key) {
  return new PopCore({ ...key, endpoint: origin, apiVersion: '2018-01-20' });
}
