import type { ComponentType } from 'react';
import { Route, Switch } from 'wouter';
import type { ActionName } from '../api/client.ts';
import { jobCreations } from '../pages/jobs/job.ts';
import { NotFoundPage, NotPermittedPage } from '../pages/not-found-page.tsx';
import { ErrorBoundary } from '../ui/error-note.tsx';
import { later } from '../ui/later.tsx';
import { useHashPath } from './location.ts';
import { useMay } from './session.tsx';

// biome-ignore lint/suspicious/noExplicitAny: the properties of a page are the parameters of its address
const page = (load: () => Promise<ComponentType<any>>) => later(load);

interface PageAt {
  readonly address: string;
  readonly page: ReturnType<typeof page>;
  /** Who may call none of them is told so instead of the page. */
  readonly needs?: readonly ActionName[];
}

/** Every page and its address; the first that fits counts. What stands behind a `:` is handed to the page. */
const pages: readonly PageAt[] = [
  { address: '/', page: page(async () => (await import('../pages/overview/overview-page.tsx')).OverviewPage) },
  {
    address: '/devices',
    page: page(async () => (await import('../pages/devices/device-list-page.tsx')).DeviceListPage),
  },
  {
    address: '/devices/register',
    page: page(async () => (await import('../pages/devices/register-page.tsx')).RegisterPage),
    needs: ['RegisterDevice', 'BatchRegisterDevice', 'BatchCheckDeviceNames'],
  },
  {
    address: '/devices/:productKey/:name',
    page: page(async () => (await import('../pages/devices/device-page.tsx')).DevicePage),
  },
  { address: '/events', page: page(async () => (await import('../pages/events/events-page.tsx')).EventsPage) },
  {
    address: '/events/:webhookId',
    page: page(async () => (await import('../pages/events/webhook-page.tsx')).WebhookPage),
  },
  { address: '/groups', page: page(async () => (await import('../pages/groups/group-list-page.tsx')).GroupListPage) },
  { address: '/groups/:groupId', page: page(async () => (await import('../pages/groups/group-page.tsx')).GroupPage) },
  { address: '/jobs', page: page(async () => (await import('../pages/jobs/jobs-page.tsx')).JobsPage) },
  {
    address: '/jobs/new',
    page: page(async () => (await import('../pages/jobs/new/new-job-page.tsx')).NewJobPage),
    needs: jobCreations,
  },
  { address: '/jobs/:id', page: page(async () => (await import('../pages/jobs/job-page.tsx')).JobPage) },
  {
    address: '/jobs/:id/tasks',
    page: page(async () => (await import('../pages/jobs/tasks/tasks-page.tsx')).TasksPage),
  },
  { address: '/packages', page: page(async () => (await import('../pages/packages/packages-page.tsx')).PackagesPage) },
  {
    address: '/packages/new',
    page: page(async () => (await import('../pages/packages/new-package-page.tsx')).NewPackagePage),
    needs: ['CreateOTAFirmware'],
  },
  {
    address: '/packages/:id',
    page: page(async () => (await import('../pages/packages/package-page.tsx')).PackagePage),
  },
  {
    address: '/products',
    page: page(async () => (await import('../pages/products/product-list-page.tsx')).ProductListPage),
  },
  {
    address: '/products/:productKey',
    page: page(async () => (await import('../pages/products/product-page.tsx')).ProductPage),
  },
  { address: '/settings', page: page(async () => (await import('../pages/settings/settings-page.tsx')).SettingsPage) },
  {
    address: '/settings/:tab',
    page: page(async () => (await import('../pages/settings/settings-page.tsx')).SettingsPage),
  },
];

/** Begins to load the page at a path: that need not wait until it is known who looks at it. */
export function preload(path: string): void {
  const found = pages.find(({ address }) => new RegExp(`^${address.replaceAll(/:\w+/g, '[^/]+')}$`).test(path));
  found?.page.preload();
}

export function Pages() {
  const [path] = useHashPath();
  const may = useMay();
  return (
    <ErrorBoundary key={path}>
      <Switch>
        {pages.map(({ address, page: Page, needs }) => (
          <Route key={address} path={address}>
            {(parameters) =>
              needs && !needs.some((action) => may(action)) ? <NotPermittedPage /> : <Page {...parameters} />
            }
          </Route>
        ))}
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </ErrorBoundary>
  );
}
