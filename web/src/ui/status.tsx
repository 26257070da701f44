import { useFormats, useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { Icon, type IconName } from './icon.tsx';
import { type TaskStatus, taskStatuses } from './task-status.ts';

/** Each status has an icon and a word besides its colour. */
interface Look {
  readonly icon: IconName;
  readonly tone: 'quiet' | 'wait' | 'told' | 'busy' | 'good' | 'bad' | 'off';
}

export { type TaskStatus, taskStatuses };

const looks: Readonly<Record<string, Look>> = {
  CONFIRM: { icon: 'hand', tone: 'wait' },
  QUEUED: { icon: 'clock', tone: 'quiet' },
  NOTIFIED: { icon: 'bell', tone: 'told' },
  IN_PROGRESS: { icon: 'play', tone: 'busy' },
  SUCCEEDED: { icon: 'check', tone: 'good' },
  FAILED: { icon: 'cross', tone: 'bad' },
  CANCELED: { icon: 'stop', tone: 'off' },
  PLANNED: { icon: 'clock', tone: 'quiet' },
  COMPLETED: { icon: 'check', tone: 'good' },
  FAULTY: { icon: 'warning', tone: 'wait' },
  SEARCH_ENDED: { icon: 'stop', tone: 'off' },
  ONLINE: { icon: 'dot', tone: 'good' },
  OFFLINE: { icon: 'ring', tone: 'off' },
  UNACTIVE: { icon: 'clock', tone: 'quiet' },
  DISABLE: { icon: 'cross', tone: 'bad' },
  ON: { icon: 'check', tone: 'good' },
  OFF: { icon: 'stop', tone: 'off' },
  FAILING: { icon: 'warning', tone: 'bad' },
  WAITING: { icon: 'clock', tone: 'told' },
  DELIVERED: { icon: 'check', tone: 'good' },
  DEAD: { icon: 'cross', tone: 'bad' },
  Active: { icon: 'check', tone: 'good' },
  Inactive: { icon: 'stop', tone: 'off' },
};

export const statusTexts = texts({
  en: {
    task: {
      CONFIRM: 'To confirm',
      QUEUED: 'Queued',
      NOTIFIED: 'Notified',
      IN_PROGRESS: 'Updating',
      SUCCEEDED: 'Succeeded',
      FAILED: 'Failed',
      CANCELED: 'Canceled',
    },
    job: {
      PLANNED: 'Planned',
      IN_PROGRESS: 'Running',
      COMPLETED: 'Completed',
      FAULTY: 'Completed with failures',
      CANCELED: 'Canceled',
      SEARCH_ENDED: 'Search ended',
    },
    device: { ONLINE: 'Online', OFFLINE: 'Offline', UNACTIVE: 'Inactive', DISABLE: 'Disabled' },
    firmware: {
      '-1': 'Ready',
      '0': 'Not verified',
      '1': 'Verified',
      '2': 'Being verified',
      '3': 'Verification failed',
    },
    webhook: { ON: 'On', OFF: 'Off', FAILING: 'Failing' },
    delivery: { WAITING: 'Waiting', DELIVERED: 'Delivered', DEAD: 'Given up' },
    key: { Active: 'Enabled', Inactive: 'Disabled' },
    states: 'Tasks by state',
    none: 'No tasks yet',
  },
  zh: {
    task: {
      CONFIRM: '待确认',
      QUEUED: '待推送',
      NOTIFIED: '已推送',
      IN_PROGRESS: '升级中',
      SUCCEEDED: '升级成功',
      FAILED: '升级失败',
      CANCELED: '已取消',
    },
    job: {
      PLANNED: '计划中',
      IN_PROGRESS: '执行中',
      COMPLETED: '已完成',
      FAULTY: '已完成，有失败',
      CANCELED: '已取消',
      SEARCH_ENDED: '已停止匹配',
    },
    device: { ONLINE: '在线', OFFLINE: '离线', UNACTIVE: '未激活', DISABLE: '已禁用' },
    firmware: { '-1': '无需验证', '0': '未验证', '1': '已验证', '2': '验证中', '3': '验证失败' },
    webhook: { ON: '已启用', OFF: '已停用', FAILING: '推送失败' },
    delivery: { WAITING: '待推送', DELIVERED: '已送达', DEAD: '已放弃' },
    key: { Active: '已启用', Inactive: '已禁用' },
    states: '各状态的任务数',
    none: '还没有任务',
  },
});

const packageLooks: Readonly<Record<string, Look>> = {
  '-1': { icon: 'check', tone: 'good' },
  '0': { icon: 'hand', tone: 'wait' },
  '1': { icon: 'check', tone: 'good' },
  '2': { icon: 'play', tone: 'busy' },
  '3': { icon: 'cross', tone: 'bad' },
};

interface StatusProps {
  readonly of: 'task' | 'job' | 'device' | 'firmware' | 'webhook' | 'delivery' | 'key';
  /** As the API names it. */
  readonly status: string;
}

export function Status({ of, status }: StatusProps) {
  const t = useTexts(statusTexts);
  const look = (of === 'firmware' ? packageLooks : looks)[status] ?? { icon: 'ring', tone: 'quiet' };
  const words: Readonly<Record<string, string>> = t[of];
  return (
    <span className={`status ${look.tone}`}>
      <Icon name={look.icon} />
      {words[status] ?? status}
    </span>
  );
}

interface TaskBarProps {
  /** Tasks in each state. */
  readonly counts: Partial<Record<TaskStatus, number>>;
  /** Leaves the words out where a table has no room for them; they are read aloud all the same. */
  readonly small?: boolean;
}

/** How far a job is: one bar, a part for each state, the numbers below. */
export function TaskBar({ counts, small = false }: TaskBarProps) {
  const t = useTexts(statusTexts);
  const formats = useFormats();
  const parts = taskStatuses.map((status) => ({ status, count: counts[status] ?? 0 })).filter(({ count }) => count > 0);
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const spoken = parts.map(({ status, count }) => `${t.task[status]} ${formats.number(count)}`).join(', ');
  return (
    <div className="task-bar">
      <div className="bar" role="img" aria-label={`${t.states}: ${spoken || t.none}`}>
        {parts.map(({ status, count }) => (
          <span
            key={status}
            className={`part ${looks[status]?.tone ?? 'quiet'}`}
            style={{ flexGrow: count / total }}
            title={`${t.task[status]}: ${formats.number(count)}`}
          />
        ))}
      </div>
      {!small && total > 0 && (
        <ul className="legend" aria-hidden="true">
          {parts.map(({ status, count }) => (
            <li key={status}>
              <Status of="task" status={status} /> <b>{formats.number(count)}</b>{' '}
              <span className="soft">{formats.percent(count / total)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
