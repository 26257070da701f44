import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

const NoticeContext = createContext<(text: string) => void>(() => {});
const SHOWN_MS = 6_000;

/** Says briefly, at the edge of the window and to screen readers, that something was done. */
export function useNotice(): (text: string) => void {
  return useContext(NoticeContext);
}

export function NoticeProvider({ children }: { readonly children: ReactNode }) {
  const [notices, setNotices] = useState<readonly { readonly id: number; readonly text: string }[]>([]);
  const last = useRef(0);
  const say = useCallback((text: string) => {
    last.current += 1;
    const id = last.current;
    setNotices((now) => [...now, { id, text }]);
    setTimeout(() => setNotices((now) => now.filter((notice) => notice.id !== id)), SHOWN_MS);
  }, []);
  return (
    <NoticeContext value={say}>
      {children}
      <div className="notices" role="status">
        {notices.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
    </NoticeContext>
  );
}
