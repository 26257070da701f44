import type { DeviceIdentity } from './link.ts';

/**
 * Reads one line of a device list: `productKey,deviceName,deviceSecret`, or a JSON object with these members
 * (also as the API spells them: `ProductKey`, ...). Undefined for a blank line, a `#` comment and the heading of a CSV file.
 * Throws a `RangeError` for anything else.
 */
export function parseDeviceLine(line: string): DeviceIdentity | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const [productKey, deviceName, deviceSecret] = text.startsWith('{') ? fromJson(text) : text.split(',').map(unquoted);
  if (productKey?.toLowerCase() === 'productkey') return undefined;
  if (!productKey || !deviceName || !deviceSecret) {
    throw new RangeError('not productKey,deviceName,deviceSecret and not a JSON object with these members');
  }
  return { productKey, deviceName, deviceSecret };
}

/** Reads a whole list; the `RangeError` of a bad line or of a device named twice tells the number of the line. */
export async function readDeviceList(lines: AsyncIterable<string>): Promise<DeviceIdentity[]> {
  const devices = new Map<string, DeviceIdentity>();
  let number = 0;
  for await (const line of lines) {
    number++;
    try {
      const device = parseDeviceLine(line);
      if (device === undefined) continue;
      const name = `${device.deviceName}&${device.productKey}`;
      // two connections with one identity oust each other for ever (device-protocol 1.6)
      if (devices.has(name)) throw new RangeError(`device ${device.deviceName} is named twice`);
      devices.set(name, device);
    } catch (error) {
      throw new RangeError(`line ${number}: ${(error as Error).message}`);
    }
  }
  return [...devices.values()];
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, '$1');
}

function fromJson(text: string): Array<string | undefined> {
  const value = parse(text);
  return ['productKey', 'deviceName', 'deviceSecret'].map((name) => {
    const member = value[name] ?? value[name.charAt(0).toUpperCase() + name.slice(1)];
    return typeof member === 'string' ? member : undefined;
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new RangeError('not valid JSON');
  }
}
