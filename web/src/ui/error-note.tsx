import { Component, type ReactNode } from 'react';
import { Refusal, Unreachable } from '../api/client.ts';
import { useServerWords, useTexts } from '../i18n/language.tsx';
import type { ServerWords } from '../i18n/server-words.ts';
import { texts } from '../i18n/texts.ts';
import { CopyButton } from './copy.tsx';
import { Icon } from './icon.tsx';

const errorTexts = texts({
  en: {
    unreachable: 'The server does not answer. Check that it runs and that this browser reaches it.',
    unexpected:
      'Something went wrong in this page. Reload it; if that does not help, tell the people who run the server.',
    denied: 'Your policy does not permit this.',
    throttled: 'Too many calls at the moment. Wait a little and try again.',
    tooManySignIns: 'Too many attempts have failed. Wait a minute and try again.',
    request: 'RequestId',
    retry: 'Try again',
    reload: 'Reload',
  },
  zh: {
    unreachable: '服务器没有响应。请检查服务器是否运行，以及浏览器能否访问它。',
    unexpected: '页面出现错误。请刷新页面；若仍有问题，请联系服务器管理员。',
    denied: '您的权限策略不允许此操作。',
    throttled: '当前请求过多，请稍后重试。',
    tooManySignIns: '失败次数过多，请一分钟后再试。',
    request: 'RequestId',
    retry: '重试',
    reload: '刷新',
  },
});

interface ErrorNoteProps {
  readonly error: unknown;
  /** Better words than those that fit everywhere. */
  readonly says?: string | undefined;
  readonly onRetry?: (() => void) | undefined;
}

/** What went wrong, in words, where it went wrong; with the RequestId under which the server logged it. */
export function ErrorNote({ error, says, onRetry }: ErrorNoteProps) {
  const t = useTexts(errorTexts);
  const say = useErrorWords();
  const said = says ?? say(error);
  const asSent = error instanceof Refusal && error.message !== said ? error.message : undefined;
  return (
    <div className="note bad" role="alert">
      <Icon name="warning" />
      <div>
        <p title={asSent}>{said}</p>
        {error instanceof Refusal && error.requestId !== '' && (
          <p className="small soft">
            {error.code !== '' && <code>{error.code}</code>} {t.request} <code>{error.requestId}</code>
            <CopyButton text={error.requestId} />
          </p>
        )}
        {onRetry && (
          <button type="button" className="button" onClick={onRetry}>
            {t.retry}
          </button>
        )}
      </div>
    </div>
  );
}

/** Says in the language of the viewer what went wrong. */
export function useErrorWords(): (error: unknown) => string {
  const t = useTexts(errorTexts);
  const server = useServerWords();
  return (error) => sayError(t, server, error);
}

function sayError(t: (typeof errorTexts)['en'], server: ServerWords, error: unknown): string {
  if (error instanceof Unreachable) return t.unreachable;
  if (!(error instanceof Refusal)) return t.unexpected;
  if (error.code === 'Throttling.SignIn') return t.tooManySignIns;
  if (error.code.startsWith('Throttling')) return t.throttled;
  if (error.code === 'iot.common.RamActionPermissionDeny') return t.denied;
  return server.refusal(error.code, error.message);
}

interface BoundaryState {
  readonly error?: unknown;
}

/** A fault in a page takes that page's place, not the whole console's. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = {};

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error };
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <Fault error={this.state.error} />;
  }
}

function Fault({ error }: { readonly error: unknown }) {
  const t = useTexts(errorTexts);
  return (
    <div className="page">
      <ErrorNote error={error} />
      <button type="button" className="button" onClick={() => location.reload()}>
        {t.reload}
      </button>
    </div>
  );
}
