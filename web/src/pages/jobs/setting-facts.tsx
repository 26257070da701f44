import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Fact } from '../../ui/page.tsx';
import { jobTexts } from './job-texts.ts';

/** How a job proceeds, made or not made yet. */
export interface Settings {
  readonly timeoutMinutes: number | undefined;
  /** What a verification has not. */
  readonly rollout:
    | {
        readonly perMinute: number;
        readonly retries: number;
        readonly retryMinutes: number;
        readonly overwrites: boolean;
        readonly multi: boolean;
      }
    | undefined;
  readonly push: boolean;
  readonly confirm: boolean;
  readonly protocol: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

export function SettingFacts({ settings }: { readonly settings: Settings }) {
  const t = useTexts(jobTexts);
  const formats = useFormats();
  const { timeoutMinutes, rollout, push, confirm, protocol, tags } = settings;
  return (
    <>
      <Fact name={t.timeout}>
        {timeoutMinutes === undefined ? t.timeoutNone : t.timeoutValue(formats.number(timeoutMinutes))}
      </Fact>
      {rollout && (
        <>
          <Fact name={t.maximum}>{t.maximumValue(formats.number(rollout.perMinute))}</Fact>
          <Fact name={t.retry}>
            {rollout.retries === 0 ? t.retryNone : t.retryValue(rollout.retries, rollout.retryMinutes)}
          </Fact>
          <Fact name={t.overwrite}>{t.overwrites[rollout.overwrites ? '2' : '1']}</Fact>
          <Fact name={t.multi}>{rollout.multi ? t.yes : t.no}</Fact>
        </>
      )}
      <Fact name={t.push}>{push ? t.pushYes : t.pushNo}</Fact>
      <Fact name={t.confirm}>{confirm ? t.confirmYes : t.confirmNo}</Fact>
      <Fact name={t.protocol}>{protocol === 'HTTPS' ? 'HTTP(S)' : protocol}</Fact>
      <Fact name={t.tags}>
        {tags.length === 0
          ? t.none
          : tags.map(({ Key, Value }) => (
              <div key={Key}>
                <code>
                  {Key}={Value}
                </code>
              </div>
            ))}
      </Fact>
    </>
  );
}
