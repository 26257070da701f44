import { useFormats } from '../i18n/language.tsx';

/** A time in the viewer's zone; UTC on hover. Takes what the API tells: ISO 8601 text or milliseconds. */
export function Time({ at }: { readonly at: string | number | undefined }) {
  const formats = useFormats();
  const ms = typeof at === 'number' ? at : Date.parse(at ?? '');
  if (Number.isNaN(ms)) return <span className="soft">–</span>;
  const iso = new Date(ms).toISOString();
  return (
    <time dateTime={iso} title={`${iso.slice(0, 19).replace('T', ' ')} UTC`}>
      {formats.time(ms)}
    </time>
  );
}
