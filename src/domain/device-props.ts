import { deleteProp, findProps, type Prop, saveProps } from '../store/queries/device-props.ts';
import { lockDevice } from '../store/queries/devices.ts';
import type { Deps, Scope } from './deps.ts';
import { type DeviceSelector, requireDevice } from './devices.ts';
import { fail } from './failure.ts';
import { isCarriable } from './names.ts';

/** Bytes of the JSON text of one call, and tags of a call and of a device (openapi-devices 3, "Tags"). */
const MOST_BYTES = 5 * 1024;
const MOST_PROPS = 100;
/** The documents limit no key; what a database can index, it takes. */
const KEY_LENGTH = 128;

const isPropKey = (text: string): boolean => text !== '' && text.length <= KEY_LENGTH && isCarriable(text);

/**
 * The tags in a JSON object. Numbers and booleans become texts; anything else is no tag.
 * @throws device.nullProps, device.longProps, device.malformedProps, device.noProps, device.tooManyProps
 */
function parseProps(text: string): Prop[] {
  if (text === '') fail('device.nullProps');
  if (Buffer.byteLength(text) > MOST_BYTES) fail('device.longProps');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    fail('device.malformedProps');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) fail('device.malformedProps');
  const props = Object.entries(parsed as Record<string, unknown>).map(([key, value]) => {
    const simple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!simple || !isPropKey(key) || !isCarriable(String(value))) fail('device.malformedProps');
    return { key, value: String(value) };
  });
  if (props.length === 0) fail('device.noProps');
  if (props.length > MOST_PROPS) fail('device.tooManyProps');
  return props;
}

/**
 * Adds tags to a device, or replaces those of the same key.
 * @param text a JSON object, at most 5 KB
 * @throws product.*, device.*
 */
export async function setProps(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly device: DeviceSelector; readonly text: string },
): Promise<void> {
  const props = parseProps(input.text);
  await engine.transaction(async (tx) => {
    const { id } = await requireDevice(tx.db, scope, input.device);
    // two callers that count the tags of a device would both find room
    if (!(await lockDevice(tx, scope.instanceId, id))) fail('device.notFound');
    const keys = new Set([...(await findProps(tx.db, id)), ...props].map(({ key }) => key));
    if (keys.size > MOST_PROPS) fail('device.tooManyProps');
    await saveProps(tx.db, id, props);
  });
}

/** The tags of a device as a JSON object. @throws product.*, device.* */
export async function propsText(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  device: DeviceSelector,
): Promise<string> {
  const { id } = await requireDevice(engine.read, scope, device);
  const props = await findProps(engine.read, id);
  return JSON.stringify(Object.fromEntries(props.map(({ key, value }) => [key, value])));
}

/** Removes a tag; one that the device does not have is gone already. @throws product.*, device.* */
export async function removeProp(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly device: DeviceSelector; readonly key: string },
): Promise<void> {
  if (input.key === '') fail('device.nullPropKey');
  if (!isPropKey(input.key)) fail('device.malformedPropKey');
  await engine.transaction(async (tx) => {
    const { id } = await requireDevice(tx.db, scope, input.device);
    await deleteProp(tx.db, id, input.key);
  });
}
