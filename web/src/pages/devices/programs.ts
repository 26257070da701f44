import { type DeviceIdentity, informOf, loginOf, type ServerAddress } from './connect.ts';

export const programKinds = ['mqttjs', 'sdk', 'mosquitto'] as const;
export type ProgramKind = (typeof programKinds)[number];

/** A program, ready to paste, that does as the device: one of Node updates itself, a command only reports a version. */
export function programOf(kind: ProgramKind, device: DeviceIdentity, { host, port }: ServerAddress): string {
  const { productKey, deviceName, deviceSecret } = device;
  const { clientId, username, password } = loginOf(device);
  switch (kind) {
    case 'mqttjs':
      return nodeProgram(device, {
        library: 'mqtt',
        imports: `const mqtt = require('mqtt');`,
        connect: [
          `const device = mqtt.connect('mqtt://${host}:${port}', {`,
          `  clientId: '${clientId}',`,
          `  username: '${username}',`,
          `  password: '${password}',`,
          '});',
        ],
      });
    case 'sdk':
      return nodeProgram(device, {
        library: 'alibabacloud-iot-device-sdk',
        imports: `const iot = require('alibabacloud-iot-device-sdk');`,
        connect: [
          'const device = iot.device({',
          `  productKey: '${productKey}',`,
          `  deviceName: '${deviceName}',`,
          `  deviceSecret: '${deviceSecret}',`,
          `  brokerUrl: 'mqtt://${host}:${port}',`,
          '});',
        ],
      });
    case 'mosquitto': {
      const { topic, payload } = informOf(device);
      return [
        `mosquitto_pub -h ${host} -p ${port} \\`,
        `  -i '${clientId}' \\`,
        `  -u '${username}' \\`,
        `  -P '${password}' \\`,
        `  -q 1 -t '${topic}' \\`,
        `  -m '${payload}'`,
      ].join('\n');
    }
  }
}

interface Client {
  readonly library: string;
  readonly imports: string;
  /** Makes `device`, which publishes, subscribes and tells events as the client of mqtt.js does. */
  readonly connect: readonly string[];
}

const nodeProgram = ({ productKey, deviceName }: DeviceIdentity, { library, imports, connect }: Client): string =>
  [
    `// npm install ${library} && node device.js`,
    `const { createHash } = require('node:crypto');`,
    imports,
    '',
    ...connect,
    '// what is installed, by module; a restart of this program begins with it anew',
    `const versions = { default: '1.0.0' };`,
    '',
    `const topic = (name) => '/ota/device/' + name + '/${productKey}/${deviceName}';`,
    'const say = (name, params) =>',
    `  device.publish(topic(name), JSON.stringify({ id: String(Date.now()), params }), { qos: 1 });`,
    '',
    `device.on('connect', () => {`,
    `  console.log('connected');`,
    `  device.subscribe(topic('upgrade'), { qos: 1 });`,
    `  for (const [module, version] of Object.entries(versions)) say('inform', { version, module });`,
    '});',
    `device.on('error', (error) => console.error('not connected:', error.message || error.code));`,
    `device.on('close', () => console.log('the connection is closed'));`,
    `device.on('message', (from, payload) => {`,
    `  if (from !== topic('upgrade')) return;`,
    '  const { data } = JSON.parse(payload.toString());',
    '  update(data).catch((error) => report(data, -2, error.message));',
    '});',
    '',
    'function report({ module }, step, desc) {',
    '  console.log(step, desc);',
    `  say('progress', { step: String(step), desc, module });`,
    '}',
    '',
    'async function update(data) {',
    `  console.log('update to', data.version);`,
    `  const algorithm = data.signMethod === 'Md5' ? 'md5' : 'sha256';`,
    '  for (const file of data.files ?? [{ fileUrl: data.url, fileSign: data.sign }]) {',
    `    report(data, 10, 'downloading');`,
    '    const response = await fetch(file.fileUrl);',
    `    if (!response.ok) throw new Error('the download was answered ' + response.status);`,
    '    const bytes = Buffer.from(await response.arrayBuffer());',
    `    const digest = createHash(algorithm).update(bytes).digest('hex');`,
    `    if (digest !== file.fileSign) return report(data, -3, 'the digest differs');`,
    '  }',
    `  report(data, 100, 'installed');`,
    '  // a real device writes the file and restarts; that it reports the new version ends the update',
    `  const { module = 'default', version } = data;`,
    '  versions[module] = version;',
    `  say('inform', { version, module });`,
    '}',
  ].join('\n');
