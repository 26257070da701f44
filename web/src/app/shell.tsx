import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useServerAway } from '../api/server-away.ts';
import { useTexts } from '../i18n/language.tsx';
import { Icon } from '../ui/icon.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { places } from './places.ts';
import { useMay } from './session.tsx';
import { shellTexts } from './shell-texts.ts';
import { type Theme, useTheme } from './theme.ts';
import { Viewer } from './viewer.tsx';

/** What stands around every page: where one can go, who one is, how it looks. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const t = useTexts(shellTexts);
  const [path] = useLocation();
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    // a new page closes the menu of a narrow screen, and is where the keyboard and the reading voice go on
    setOpen(false);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {t.skip}
      </button>
      <header className="shell-head">
        <button
          type="button"
          className="icon-button shell-menu"
          aria-expanded={open}
          aria-controls="places"
          aria-label={t.menu}
          onClick={() => setOpen(!open)}
        >
          <Icon name="menu" />
        </button>
        <Link href="/" className="brand">
          <Icon name="otaru" /> <span>Otaru</span>
        </Link>
        <div className="shell-tools">
          <LanguageSwitch />
          <ThemeSwitch />
          <Viewer />
        </div>
      </header>
      <nav id="places" className={open ? 'places open' : 'places'} aria-label={t.navigation}>
        <Places path={path} />
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        <ServerAway />
        {children}
      </main>
    </div>
  );
}

/** A page that is no longer refreshed is not to be taken for the present. */
function ServerAway() {
  const t = useTexts(shellTexts);
  const away = useServerAway();
  return (
    <div role="status" className="server-away">
      {away && (
        <p className="note bad">
          <Icon name="warning" /> {t.away}
        </p>
      )}
    </div>
  );
}

function Places({ path }: { readonly path: string }) {
  const t = useTexts(shellTexts);
  const may = useMay();
  return (
    <ul>
      {places
        .filter(({ needs }) => needs.some((action) => may(action)))
        .map(({ href, name, icon }) => (
          <li key={href}>
            <Link href={href} aria-current={isWithin(path, href) ? 'page' : undefined}>
              <Icon name={icon} />
              {t.places[name]}
            </Link>
          </li>
        ))}
    </ul>
  );
}

const isWithin = (path: string, href: string) => path === href || (href !== '/' && path.startsWith(`${href}/`));

function ThemeSwitch() {
  const t = useTexts(shellTexts);
  const [theme, choose] = useTheme();
  return (
    <label className="tool">
      <span className="unseen">{t.theme}</span>
      <select value={theme} onChange={(event) => choose(event.target.value as Theme)}>
        <option value="system">{t.themes.system}</option>
        <option value="light">{t.themes.light}</option>
        <option value="dark">{t.themes.dark}</option>
      </select>
    </label>
  );
}
