import { useFormats } from '../i18n/language.tsx';

interface BarsProps {
  readonly label: string;
  readonly bars: readonly { readonly name: string; readonly value: number; readonly href?: string }[];
}

/** Shares of a whole, as bars with their numbers. */
export function Bars({ label, bars }: BarsProps) {
  const formats = useFormats();
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <ul className="bars" aria-label={label}>
      {bars.map(({ name, value, href }) => (
        <li key={name}>
          <span className="bars-name">{href ? <a href={href}>{name}</a> : name}</span>
          <span className="bars-track" aria-hidden="true">
            <span className="bars-fill" style={{ width: `${(100 * value) / most}%` }} />
          </span>
          <span className="bars-value">{formats.number(value)}</span>
        </li>
      ))}
    </ul>
  );
}
