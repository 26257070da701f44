import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import { useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { Icon } from './icon.tsx';

const pageTexts = texts({ en: { way: 'Where this page stands' }, zh: { way: '当前位置' } });

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === 'Otaru' ? title : `${title} · Otaru`;
  }, [title]);
}

interface PageProps {
  readonly title: string;
  /** Pages above this one, outermost first. */
  readonly above?: readonly { readonly href: string; readonly name: string }[];
  /** Beside the title: a status. */
  readonly aside?: ReactNode;
  /** Buttons that concern the whole page. */
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, above = [], aside, tools, children }: PageProps) {
  const t = useTexts(pageTexts);
  useTitle(title);
  return (
    <div className="page">
      {above.length > 0 && (
        <nav className="way" aria-label={t.way}>
          {above.map(({ href, name }, depth) => (
            <span key={href}>
              {depth > 0 && <Icon name="right" />}
              <Link href={href}>{name}</Link>
            </span>
          ))}
        </nav>
      )}
      <div className="page-head">
        <h1>{title}</h1>
        {aside}
        {tools && <div className="page-tools">{tools}</div>}
      </div>
      {children}
    </div>
  );
}

interface CardProps {
  readonly title?: string;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** One subject of a page. */
export function Card({ title, tools, children }: CardProps) {
  return (
    <section className="card">
      {(title || tools) && (
        <div className="card-head">
          {title && <h2>{title}</h2>}
          {tools && <div className="card-tools">{tools}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Names and values, in two columns where there is room. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly href: string; readonly name: string }[];
  /** Address of the tab that is shown. */
  readonly at: string;
}

/** Parts of a page that have addresses of their own. */
export function Tabs({ label, tabs, at }: TabsProps) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ href, name }) => (
        <Link key={href} href={href} replace aria-current={href === at ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
