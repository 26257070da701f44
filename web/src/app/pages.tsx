import { type ComponentType, lazy } from 'react';
import { Route, Switch } from 'wouter';
import { NotFoundPage } from '../pages/not-found-page.tsx';
import { ErrorBoundary } from '../ui/error-note.tsx';
import { useHashPath } from './location.ts';

/** A page that is loaded when it is first looked at. */
// biome-ignore lint/suspicious/noExplicitAny: the properties of a page are the parameters of its address
function later<M>(load: () => Promise<M>, pick: (module: M) => ComponentType<any>) {
  return lazy(async () => ({ default: pick(await load()) }));
}

/** Every page and its address; what stands behind a `:` is handed to it. */
const pages = [
  [
    '/',
    later(
      () => import('../pages/overview/overview-page.tsx'),
      (m) => m.OverviewPage,
    ),
  ],
  [
    '/products',
    later(
      () => import('../pages/products/product-list-page.tsx'),
      (m) => m.ProductListPage,
    ),
  ],
  [
    '/products/:productKey',
    later(
      () => import('../pages/products/product-page.tsx'),
      (m) => m.ProductPage,
    ),
  ],
  [
    '/devices',
    later(
      () => import('../pages/devices/device-list-page.tsx'),
      (m) => m.DeviceListPage,
    ),
  ],
  [
    '/devices/register',
    later(
      () => import('../pages/devices/register-page.tsx'),
      (m) => m.RegisterPage,
    ),
  ],
  [
    '/devices/:productKey/:name',
    later(
      () => import('../pages/devices/device-page.tsx'),
      (m) => m.DevicePage,
    ),
  ],
  [
    '/groups',
    later(
      () => import('../pages/groups/group-list-page.tsx'),
      (m) => m.GroupListPage,
    ),
  ],
  [
    '/groups/:groupId',
    later(
      () => import('../pages/groups/group-page.tsx'),
      (m) => m.GroupPage,
    ),
  ],
  [
    '/jobs',
    later(
      () => import('../pages/jobs/jobs-page.tsx'),
      (m) => m.JobsPage,
    ),
  ],
  [
    '/jobs/:id',
    later(
      () => import('../pages/jobs/job-page.tsx'),
      (m) => m.JobPage,
    ),
  ],
  [
    '/jobs/:id/tasks',
    later(
      () => import('../pages/jobs/tasks/tasks-page.tsx'),
      (m) => m.TasksPage,
    ),
  ],
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
