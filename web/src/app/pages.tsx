import { type ComponentType, lazy } from 'react';
import { Route, Switch } from 'wouter';
import { NotFoundPage } from '../pages/not-found-page.tsx';
import { ErrorBoundary } from '../ui/error-note.tsx';
import { useHashPath } from './location.ts';

/** A page that is loaded when it is first looked at. What stands behind a `:` of its address is handed to it. */
// biome-ignore lint/suspicious/noExplicitAny: the properties of a page are the parameters of its address
const later = (load: () => Promise<ComponentType<any>>) => lazy(async () => ({ default: await load() }));

/** Every page and its address; the first that fits counts. */
const pages = [
  ['/', later(async () => (await import('../pages/overview/overview-page.tsx')).OverviewPage)],
  ['/devices', later(async () => (await import('../pages/devices/device-list-page.tsx')).DeviceListPage)],
  ['/devices/register', later(async () => (await import('../pages/devices/register-page.tsx')).RegisterPage)],
  ['/devices/:productKey/:name', later(async () => (await import('../pages/devices/device-page.tsx')).DevicePage)],
  ['/events', later(async () => (await import('../pages/events/events-page.tsx')).EventsPage)],
  ['/events/:webhookId', later(async () => (await import('../pages/events/webhook-page.tsx')).WebhookPage)],
  ['/groups', later(async () => (await import('../pages/groups/group-list-page.tsx')).GroupListPage)],
  ['/groups/:groupId', later(async () => (await import('../pages/groups/group-page.tsx')).GroupPage)],
  ['/jobs', later(async () => (await import('../pages/jobs/jobs-page.tsx')).JobsPage)],
  ['/jobs/new', later(async () => (await import('../pages/jobs/new/new-job-page.tsx')).NewJobPage)],
  ['/jobs/:id', later(async () => (await import('../pages/jobs/job-page.tsx')).JobPage)],
  ['/jobs/:id/tasks', later(async () => (await import('../pages/jobs/tasks/tasks-page.tsx')).TasksPage)],
  ['/packages', later(async () => (await import('../pages/packages/packages-page.tsx')).PackagesPage)],
  ['/packages/new', later(async () => (await import('../pages/packages/new-package-page.tsx')).NewPackagePage)],
  ['/packages/:id', later(async () => (await import('../pages/packages/package-page.tsx')).PackagePage)],
  ['/products', later(async () => (await import('../pages/products/product-list-page.tsx')).ProductListPage)],
  ['/products/:productKey', later(async () => (await import('../pages/products/product-page.tsx')).ProductPage)],
  ['/settings', later(async () => (await import('../pages/settings/settings-page.tsx')).SettingsPage)],
  ['/settings/:tab', later(async () => (await import('../pages/settings/settings-page.tsx')).SettingsPage)],
] as const;

export function Pages() {
  const [path] = useHashPath();
  return (
    <ErrorBoundary key={path}>
      <Switch>
        {pages.map(([address, Page]) => (
          <Route key={address} path={address}>
            {(parameters) => <Page {...parameters} />}
          </Route>
        ))}
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </ErrorBoundary>
  );
}
