import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { Copyable } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { useNotice } from '../ui/notices.tsx';
import { Fact, Facts } from '../ui/page.tsx';
import { OwnPasswordDialog } from './own-password-dialog.tsx';
import { useSession, useSessionControl } from './session.tsx';
import { shellTexts } from './shell-texts.ts';

/** Who is signed in, and behind it what one can do about that. */
export function Viewer() {
  const t = useTexts(shellTexts);
  const { user, account } = useSession();
  const [open, setOpen] = useState(false);
  const [changing, setChanging] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const name = user?.name ?? account.name;
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && open) close();
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape and a focus that leaves are of whatever is in it */}
      <div
        className="viewer"
        onKeyDown={onKeyDown}
        onBlur={({ currentTarget, relatedTarget }) => {
          if (relatedTarget && !currentTarget.contains(relatedTarget)) setOpen(false);
        }}
      >
        <button
          ref={button}
          type="button"
          className="button quiet"
          aria-expanded={open}
          aria-controls={id}
          aria-label={t.viewer(name)}
          onClick={() => setOpen(!open)}
        >
          <Icon name="person" /> <span className="viewer-name">{name}</span>
        </button>
        {open && (
          <>
            {/* a click beside it closes it, whatever is under the click */}
            <div className="viewer-beside" aria-hidden="true" onMouseDown={() => setOpen(false)} />
            <section id={id} className="viewer-menu" aria-label={t.account}>
              <ViewerFacts />
              <ViewerButtons
                onPassword={() => {
                  setOpen(false);
                  setChanging(true);
                }}
              />
            </section>
          </>
        )}
      </div>
      {changing && (
        <OwnPasswordDialog
          onClose={() => {
            setChanging(false);
            button.current?.focus();
          }}
        />
      )}
    </>
  );
}

function ViewerFacts() {
  const t = useTexts(shellTexts);
  const { user, account, accessKeyId } = useSession();
  return (
    <Facts>
      {user && <Fact name={t.user}>{user.name}</Fact>}
      <Fact name={t.account}>{account.name}</Fact>
      <Fact name={t.accountId}>
        <Copyable text={account.id} />
      </Fact>
      <Fact name={t.signedInWith}>{accessKeyId ? <Copyable text={accessKeyId} /> : t.aPassword}</Fact>
    </Facts>
  );
}

function ViewerButtons({ onPassword }: { readonly onPassword: () => void }) {
  const t = useTexts(shellTexts);
  const { signOut } = useSessionControl();
  const say = useNotice();
  const byPassword = useSession().accessKeyId === null;
  return (
    <div className="row">
      {byPassword && (
        <button type="button" className="button" onClick={onPassword}>
          {t.changePassword}
        </button>
      )}
      <button type="button" className="button" onClick={() => void signOut().catch(() => say(t.signOutFailed))}>
        {t.signOut}
      </button>
    </div>
  );
}
