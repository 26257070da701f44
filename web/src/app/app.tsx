import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Router } from 'wouter';
import { Refusal } from '../api/client.ts';
import { LanguageProvider } from '../i18n/language.tsx';
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx';
import { ErrorBoundary, ErrorNote } from '../ui/error-note.tsx';
import { Loading } from '../ui/loading.tsx';
import { NoticeProvider } from '../ui/notices.tsx';
import { useHashPath, useHashSearch } from './location.ts';
import { Pages } from './pages.tsx';
import { SessionProvider, useSessionControl, type whoIsIt } from './session.tsx';
import { Shell } from './shell.tsx';

/** What the server refused it refuses again; a server that is away or busy may be back. */
const newQueryClient = () =>
  new QueryClient({
    queryCache: new QueryCache({
      // what is not there any more is not shown as it was
      onError: (error, query) => {
        if (error instanceof Refusal && error.tellsGone) query.setState({ data: undefined, dataUpdatedAt: 0 });
      },
    }),
    defaultOptions: {
      // the server may be on this machine, or in a network that leads nowhere else
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        retry: (failures, error) => failures < 2 && !(error instanceof Refusal && !error.tellsBusy),
        staleTime: 2_000,
        refetchOnWindowFocus: true,
      },
    },
  });

export function App({ asked }: { readonly asked: ReturnType<typeof whoIsIt> }) {
  const [client] = useState(newQueryClient);
  return (
    <LanguageProvider>
      <ErrorBoundary>
        <QueryClientProvider client={client}>
          <Router hook={useHashPath} searchHook={useHashSearch} hrefs={(href) => `#${href}`}>
            <SessionProvider asked={asked}>
              <NoticeProvider>
                <Gate />
              </NoticeProvider>
            </SessionProvider>
          </Router>
        </QueryClientProvider>
      </ErrorBoundary>
    </LanguageProvider>
  );
}

/** The pages are for those who are signed in. */
function Gate() {
  const { state, askAgain } = useSessionControl();
  if (state.at === 'asking') return <Loading />;
  if (state.at === 'failed') return <ErrorNote error={state.error} onRetry={askAgain} />;
  if (state.at === 'out') return <SignInPage ended={state.ended} />;
  return (
    <Shell>
      <Pages />
    </Shell>
  );
}
