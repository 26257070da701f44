import type { ActionName } from '../api/client.ts';
import type { IconName } from '../ui/icon.tsx';
import type { ShellTexts } from './shell-texts.ts';

export interface Place {
  readonly href: string;
  readonly name: keyof ShellTexts['places'];
  readonly icon: IconName;
  /** Who may call none of them is not led there. */
  readonly needs: readonly ActionName[];
}

/** Where the navigation leads, in its order. */
export const places: readonly Place[] = [
  { href: '/', name: 'overview', icon: 'overview', needs: ['QueryOTAOverview'] },
  { href: '/products', name: 'products', icon: 'product', needs: ['QueryProductList'] },
  { href: '/devices', name: 'devices', icon: 'device', needs: ['QueryDevice'] },
  { href: '/groups', name: 'groups', icon: 'group', needs: ['QueryDeviceGroupList'] },
  { href: '/packages', name: 'packages', icon: 'package', needs: ['ListOTAFirmware'] },
  { href: '/jobs', name: 'jobs', icon: 'job', needs: ['ListOTAJob'] },
  { href: '/events', name: 'events', icon: 'events', needs: ['ListWebhooks', 'QueryConsumerGroupList'] },
  {
    href: '/settings',
    name: 'settings',
    icon: 'settings',
    needs: ['ListUsers', 'ListAccessKeys', 'ListQuotas', 'ListAuditRecords'],
  },
];
