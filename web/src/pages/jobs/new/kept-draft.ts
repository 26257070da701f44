import { useRef, useState } from 'react';
import { useSession } from '../../../app/session.tsx';
import { keepInTab, readFromTab } from '../../../app/tab-memory.ts';
import type { Draft } from './draft.ts';
import { draftAsText, draftInText } from './draft-text.ts';

interface KeptDraft {
  readonly draft: Draft;
  /** @param firmwareId package that it is kept for, when that becomes another one at the same time */
  readonly change: (changes: Partial<Draft>, firmwareId?: string) => void;
  /** Whether it is from before: the page was loaded anew, or returned to. */
  readonly isKept: boolean;
  /** Takes up what was kept for another package, if anything was. */
  readonly takeUp: (firmwareId: string) => boolean;
  /** The job was made, or is given up. */
  readonly forget: () => void;
}

/**
 * A draft that a reload of the page, an ended session or a look at other pages does not lose: the tab keeps it, by
 * viewer, package and kind of link, until its job is made or it is given up.
 */
export function useKeptDraft(firmwareId: string, link: string, blank: Draft): KeptDraft {
  const { account, user } = useSession();
  const nameOf = (id: string) => `draft.${user?.id ?? account.id}.${link}.${id}`;
  const kept = (id: string) => (id === '' ? undefined : draftInText(readFromTab(nameOf(id)) ?? ''));
  const [{ draft, isKept }, set] = useState(() => {
    const before = kept(firmwareId);
    return { draft: before ?? blank, isKept: before !== undefined };
  });
  const latest = useRef(draft);
  const take = (next: Draft, fromBefore: boolean) => {
    latest.current = next;
    set({ draft: next, isKept: fromBefore });
  };
  return {
    draft,
    isKept,
    change(changes, id = firmwareId) {
      take({ ...latest.current, ...changes }, isKept);
      if (id !== '') keepInTab(nameOf(id), draftAsText(latest.current));
    },
    takeUp(id) {
      const before = kept(id);
      if (before) take(before, true);
      return before !== undefined;
    },
    forget() {
      keepInTab(nameOf(firmwareId), undefined);
      take(blank, false);
    },
  };
}
