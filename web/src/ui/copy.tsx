import { useState } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { Icon } from './icon.tsx';

const copyTexts = texts({
  en: {
    copy: 'Copy',
    copied: 'Copied',
    refused: 'The browser does not let this page copy. Select the text and copy it by hand.',
    show: 'Show',
    hide: 'Hide',
  },
  zh: {
    copy: '复制',
    copied: '已复制',
    refused: '浏览器不允许此页面复制，请选中文本后手动复制。',
    show: '显示',
    hide: '隐藏',
  },
});

/** Puts `text` on the clipboard. */
export function CopyButton({ text, named = false }: { readonly text: string; readonly named?: boolean }) {
  const t = useTexts(copyTexts);
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  const copy = async () => {
    const copied = await copyText(text);
    setOutcome(copied ? 'copied' : 'refused');
    if (copied) setTimeout(() => setOutcome(undefined), 2_000);
  };
  const copied = outcome === 'copied';
  const word = copied ? t.copied : t.copy;
  return (
    <>
      <button
        type="button"
        className={named ? 'button' : 'icon-button small'}
        aria-label={named ? undefined : word}
        title={named ? undefined : word}
        onClick={() => void copy()}
      >
        <Icon name={copied ? 'check' : 'copy'} />
        {named && word}
      </button>
      {outcome === 'refused' && (
        <span role="alert" className="soft small">
          {t.refused}
        </span>
      )}
    </>
  );
}

/**
 * The clipboard of a page without TLS is out of reach for scripts, but not for the copy command.
 * @returns false when the browser permits neither
 */
async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // a browser may be told not to let pages write there
    }
  }
  const focused = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  // a modal dialog makes everything outside it inert
  const place = document.querySelector('dialog[open]') ?? document.body;
  place.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/** A text that is copied as it stands: an ID, a command. */
export function Copyable({ text }: { readonly text: string }) {
  return (
    <span className="copyable">
      <code>{text}</code>
      <CopyButton text={text} />
    </span>
  );
}

/** Hidden until it is asked for. */
export function Secret({ text }: { readonly text: string }) {
  const t = useTexts(copyTexts);
  const [shown, setShown] = useState(false);
  const word = shown ? t.hide : t.show;
  return (
    <span className="copyable">
      <code>{shown ? text : '•'.repeat(12)}</code>
      <button
        type="button"
        className="icon-button small"
        aria-label={word}
        title={word}
        onClick={() => setShown(!shown)}
      >
        <Icon name="eye" />
      </button>
      <CopyButton text={text} />
    </span>
  );
}
