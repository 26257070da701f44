import { texts } from '../../i18n/texts.ts';

export const connectTexts = texts({
  en: {
    connect: 'Connect this device',
    warning: 'What stands here contains the secret of the device. Do not put it into tickets, chats or repositories.',
    show: 'Show the program and the credentials',
    program: 'Program',
    programs: { mqttjs: 'Node.js: mqtt.js', sdk: 'Node.js: alibabacloud-iot-device-sdk', mosquitto: 'mosquitto_pub' },
    whatItDoes: {
      mqttjs:
        'A whole device, to try out: it connects, reports version 1.0.0, downloads what a job sends it, checks it and reports the new version. Started again, it is at 1.0.0 again. Save it as device.js, then: npm install mqtt && node device.js',
      sdk: 'The same with the vendor’s SDK. Save it as device.js, then: npm install alibabacloud-iot-device-sdk && node device.js',
      mosquitto: 'Connects, reports version 1.0.0 and leaves: the device is known, but receives no updates.',
    },
    host: 'Host',
    port: 'MQTT port',
    noPort: 'A port is a number from 1 to 65535.',
    address: 'How devices reach this server. The programs above use this address, without TLS.',
    addressWithTls:
      'How devices reach this server. The programs above use this address without TLS; the same port takes MQTT over TLS, too.',
    ownProgram: 'In a program of your own',
    clientId: 'Client ID',
    userName: 'User name',
    password: 'Password',
    messages: {
      inform:
        'The device reports its version: at each start, and after an update. That it reports the new one ends the update well.',
      upgrade:
        'The server sends what to install, with the digest of the file, to a device that is connected or as soon as it is.',
      progress:
        'The device tells how far it is: 0 to 100 per cent, or why it gives up: -1 it cannot update, -2 the download failed, -3 the digest differs, -4 it cannot be written.',
    },
  },
  zh: {
    connect: '连接此设备',
    warning: '以下内容包含设备密钥，请勿写入工单、聊天或代码仓库。',
    show: '显示示例代码和连接参数',
    program: '示例代码',
    programs: { mqttjs: 'Node.js：mqtt.js', sdk: 'Node.js：alibabacloud-iot-device-sdk', mosquitto: 'mosquitto_pub' },
    whatItDoes: {
      mqttjs:
        '一个可完成升级的完整设备程序：连接服务器，上报版本号 1.0.0，下载升级批次推送的升级包，校验后上报新版本号；重新运行时又从 1.0.0 开始。保存为 device.js，然后运行：npm install mqtt && node device.js',
      sdk: '使用阿里云设备端 SDK 的同样程序。保存为 device.js，然后运行：npm install alibabacloud-iot-device-sdk && node device.js',
      mosquitto: '连接服务器，上报版本号 1.0.0 后断开：可激活设备，但收不到升级包。',
    },
    host: '接入地址',
    port: 'MQTT 端口',
    noPort: '端口为 1~65535 的数字。',
    address: '设备访问本服务器的地址。以上代码使用此地址，不使用 TLS。',
    addressWithTls: '设备访问本服务器的地址。以上代码不使用 TLS；同一端口也支持 MQTT over TLS。',
    ownProgram: '自行编写程序',
    clientId: 'Client ID',
    userName: '用户名',
    password: '密码',
    messages: {
      inform: '设备上报版本号：每次启动时和升级完成后上报。上报新版本号即表示升级成功。',
      upgrade: '服务器向在线设备推送升级包信息及文件摘要；离线设备上线后收到。',
      progress:
        '设备上报升级进度：0~100 为百分比；失败时上报 -1（升级失败）、-2（下载失败）、-3（校验失败）或 -4（烧写失败）。',
    },
  },
});
