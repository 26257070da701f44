import type { ComponentType } from 'react';
import { Route, Switch } from 'wouter';
import { NotFoundPage } from '../pages/not-found-page.tsx';
import { ErrorBoundary } from '../ui/error-note.tsx';
import { later } from '../ui/later.tsx';
import { useHashPath } from './location.ts';

// biome-ignore lint/suspicious/noExplicitAny: the properties of a page are the parameters of its address
const page = (load: () => Promise<ComponentType<any>>) => later(load);

/** Every page and its address; the first that fits counts. What stands behind a `:` is handed to the page. */
const pages = [
  ['/', page(async () => (await import('../pages/overview/overview-page.tsx')).OverviewPage)],
  ['/devices', page(async () => (await import('../pages/devices/device-list-page.tsx')).DeviceListPage)],
  ['/devices/register', page(async () => (await import('../pages/devices/register-page.tsx')).RegisterPage)],
  ['/devices/:productKey/:name', page(async () => (await import('../pages/devices/device-page.tsx')).DevicePage)],
  ['/events', page(async () => (await import('../pages/events/events-page.tsx')).EventsPage)],
  ['/events/:webhookId', page(async () => (await import('../pages/events/webhook-page.tsx')).WebhookPage)],
  ['/groups', page(async () => (await import('../pages/groups/group-list-page.tsx')).GroupListPage)],
  ['/groups/:groupId', page(async () => (await import('../pages/groups/group-page.tsx')).GroupPage)],
  ['/jobs', page(async () => (await import('../pages/jobs/jobs-page.tsx')).JobsPage)],
  ['/jobs/new', page(async () => (await import('../pages/jobs/new/new-job-page.tsx')).NewJobPage)],
  ['/jobs/:id', page(async () => (await import('../pages/jobs/job-page.tsx')).JobPage)],
  ['/jobs/:id/tasks', page(async () => (await import('../pages/jobs/tasks/tasks-page.tsx')).TasksPage)],
  ['/packages', page(async () => (await import('../pages/packages/packages-page.tsx')).PackagesPage)],
  ['/packages/new', page(async () => (await import('../pages/packages/new-package-page.tsx')).NewPackagePage)],
  ['/packages/:id', page(async () => (await import('../pages/packages/package-page.tsx')).PackagePage)],
  ['/products', page(async () => (await import('../pages/products/product-list-page.tsx')).ProductListPage)],
  ['/products/:productKey', page(async () => (await import('../pages/products/product-page.tsx')).ProductPage)],
  ['/settings', page(async () => (await import('../pages/settings/settings-page.tsx')).SettingsPage)],
  ['/settings/:tab', page(async () => (await import('../pages/settings/settings-page.tsx')).SettingsPage)],
] as const;

/** Begins to load the page at a path: that need not wait until it is known who looks at it. */
export function preload(path: string): void {
  const found = pages.find(([address]) => new RegExp(`^${address.replaceAll(/:\w+/g, '[^/]+')}$`).test(path));
  found?.[1].preload();
}

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
