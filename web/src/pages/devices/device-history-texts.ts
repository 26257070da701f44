import type { DeviceStatus } from '../../../../src/contract/device-status.ts';
import type { StatusReason } from '../../../../src/contract/status-reasons.ts';
import { texts } from '../../i18n/texts.ts';

type Reasons = Readonly<Record<StatusReason, string>>;
/** Where no reason is told. */
type Plain = Readonly<Record<DeviceStatus, string>>;

export const deviceHistoryTexts = texts({
  en: {
    title: 'Status history',
    status: 'Status',
    since: 'Since',
    lasted: 'Lasted',
    lasts: 'until now',
    moment: '< 1 s',
    address: 'Address',
    node: 'Server node',
    kept: 'The last 50 changes of the last 30 days.',
    none: 'Its status has not changed in the last 30 days; what was before is not kept. Since when it is as it is stands above. What happens to its connection shows here by itself.',
    noneYet: 'It has never connected. What happens to its connection shows here by itself.',
    plain: {
      ONLINE: 'Connected',
      OFFLINE: 'The connection ended; why is not known',
      DISABLE: 'Disabled: it may not connect',
      UNACTIVE: 'It has never connected',
    } satisfies Plain,
    reasons: {
      ACTIVATED: 'Connected for the first time',
      TAKEN_OVER: 'A new connection took the place of the one before',
      RECOVERED: 'Still connected: the server node had only been held up',
      CLOSED: 'The device signed off',
      LOST: 'The connection broke off',
      SILENT: 'Nothing was heard within the keep-alive time',
      KICKED: 'The connection was ended because the device was disabled',
      FAULT: 'The server ended the connection: the device broke the protocol or did not read',
      SERVER_ERROR: 'The server ended the connection: it could not store what the device said',
      SHUTDOWN: 'The server node was stopped',
      NODE_LOST: 'The server node failed',
      GATEWAY_LOST: 'The connection of its gateway ended',
      UNBOUND: 'It was taken out of the topology of its gateway',
      ENABLED: 'Enabled: it may connect again',
    } satisfies Reasons,
  },
  zh: {
    title: '状态变更记录',
    status: '设备状态',
    since: '变更时间',
    lasted: '持续时长',
    lasts: '持续中',
    moment: '不到 1 秒',
    address: 'IP 地址',
    node: '服务节点',
    kept: '仅保留最近 30 天内的最后 50 条记录。',
    none: '最近 30 天内状态没有变更，更早的记录不再保留；当前状态的起始时间见上方。设备上线或离线后，将自动显示在此处。',
    noneYet: '设备从未上线。设备上线或离线后，将自动显示在此处。',
    plain: {
      ONLINE: '设备上线',
      OFFLINE: '连接断开，原因未知',
      DISABLE: '设备被禁用，不允许连接',
      UNACTIVE: '设备从未上线',
    } satisfies Plain,
    reasons: {
      ACTIVATED: '首次上线，设备已激活',
      TAKEN_OVER: '新连接取代了原有连接',
      RECOVERED: '连接未中断，服务节点已恢复',
      CLOSED: '设备主动断开连接',
      LOST: '连接异常中断',
      SILENT: '超过保活时间未收到任何报文',
      KICKED: '设备被禁用，连接已断开',
      FAULT: '设备违反协议或未及时接收数据，连接被服务端断开',
      SERVER_ERROR: '服务端无法保存设备上报的数据，连接被断开',
      SHUTDOWN: '服务节点停止',
      NODE_LOST: '服务节点故障',
      GATEWAY_LOST: '所属网关的连接断开',
      UNBOUND: '已从网关拓扑关系中移除',
      ENABLED: '设备已启用，可重新连接',
    } satisfies Reasons,
  },
});
