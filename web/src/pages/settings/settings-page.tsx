import type { ComponentType } from 'react';
import type { ActionName } from '../../api/client.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Page, Tabs } from '../../ui/page.tsx';
import { AuditTab } from './audit-tab.tsx';
import { QuotasTab } from './quotas-tab.tsx';
import { settingsTexts } from './settings-texts.ts';
import { UsersTab } from './users-tab.tsx';

interface Tab {
  readonly name: 'users' | 'quotas' | 'audit';
  /** Who may call none of them is not offered the tab. */
  readonly needs: readonly ActionName[];
  readonly content: ComponentType;
}

const tabs: readonly Tab[] = [
  { name: 'users', needs: ['ListUsers', 'ListAccessKeys'], content: UsersTab },
  { name: 'quotas', needs: ['ListQuotas'], content: QuotasTab },
  { name: 'audit', needs: ['ListAuditRecords'], content: AuditTab },
];

/** Users and keys, limits, and who did what. */
export function SettingsPage({ tab }: { readonly tab?: string }) {
  const t = useTexts(settingsTexts);
  const may = useMay();
  const offered = tabs.filter(({ needs }) => needs.some((action) => may(action)));
  const shown = tab === undefined ? offered[0] : offered.find(({ name }) => name === tab);
  return (
    <Page title={t.settings}>
      <Tabs
        label={t.tabsLabel}
        at={`/settings/${shown?.name}`}
        tabs={offered.map(({ name }) => ({ href: `/settings/${name}`, name: t.tabs[name] }))}
      />
      {shown ? <shown.content /> : <Empty title={t.noTab} />}
    </Page>
  );
}
