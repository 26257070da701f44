import type { AnswerOf } from '../../../api/client.ts';
import { useAnswer } from '../../../api/hooks.ts';
import { useMay } from '../../../app/session.tsx';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { Bars } from '../../../ui/bars.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Loading } from '../../../ui/loading.tsx';
import { Card } from '../../../ui/page.tsx';
import { type Draft, previewRequest } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';
import { Refused } from './refused.tsx';
import type { StepProps } from './step-props.ts';
import { VerifyReview } from './verify-review.tsx';

type Preview = AnswerOf<'PreviewOTAUpgradeJob'>['Data'];

interface ReviewStepProps extends StepProps {
  readonly onAmend: (error: unknown) => void;
}

/** Whom the job would hit, before anything starts. */
export function ReviewStep({ draft, firmware, onAmend }: ReviewStepProps) {
  const t = useTexts(newJobTexts);
  const may = useMay();
  const mayLook = may('PreviewOTAUpgradeJob');
  const isVerify = draft.kind === 'verify';
  const preview = useAnswer('PreviewOTAUpgradeJob', previewRequest(draft, firmware), {
    when: mayLook && !isVerify,
    every: 15_000,
  });
  if (isVerify) return <VerifyReview draft={draft} firmware={firmware} />;
  if (!mayLook) return <p className="note">{t.mayNot}</p>;
  if (preview.error && !preview.data) {
    return <Refused error={preview.error} onRetry={() => void preview.refetch()} onAmend={onAmend} />;
  }
  if (!preview.data) {
    return (
      <Card>
        <Loading />
        <p className="soft">{t.looking}</p>
      </Card>
    );
  }
  return <WhoIsHit preview={preview.data.Data} draft={draft} />;
}

function WhoIsHit({ preview, draft }: { readonly preview: Preview; readonly draft: Draft }) {
  const t = useTexts(newJobTexts);
  const formats = useFormats();
  const { DeviceCount: hit, OnlineCount: online } = preview;
  const about = (count: number) => (preview.Estimated ? `≈ ${formats.number(count)}` : formats.number(count));
  return (
    <>
      <Card>
        <dl className="figures">
          <div className="figure">
            <dt>{t.hit}</dt>
            <dd>{about(hit)}</dd>
            <dd className="figure-note">{t.toVersion(preview.DestVersion)}</dd>
          </div>
          <div className="figure">
            <dt>{t.online}</dt>
            <dd>{about(online)}</dd>
            <dd className="figure-note">{hit > 0 && t.ofThem(formats.percent(online / hit))}</dd>
          </div>
          <div className="figure">
            <dt>{t.time}</dt>
            <dd>{preview.Seconds === 0 ? t.atOnce : formats.duration(preview.Seconds)}</dd>
            <dd className="figure-note">{t.atRate(formats.number(Number(draft.rate)))}</dd>
          </div>
          <div className="figure">
            <dt>{t.bytes}</dt>
            <dd>{formats.bytes(preview.Bytes)}</dd>
          </div>
        </dl>
        {preview.Estimated && <p className="soft">{t.estimated(formats.number(preview.LookedAt))}</p>}
        {hit === 0 && (
          <div className="note">
            <Icon name="warning" />
            <div>
              <p>{draft.kind === 'dynamic' ? t.nobodyYet : t.nobody}</p>
            </div>
          </div>
        )}
      </Card>
      <div className="cards">
        {hit > 0 && (
          <Card title={t.byVersionTitle}>
            <Bars
              label={t.byVersionTitle}
              bars={preview.SrcVersions.SrcVersionDevices.map(({ Version, DeviceCount }) => ({
                name: Version || t.noVersion,
                value: DeviceCount,
              }))}
            />
            <p className="soft small">
              {t.examples}: {preview.DeviceNames.DeviceName.slice(0, 5).join(', ')}
            </p>
          </Card>
        )}
        <Card title={t.passedOver}>
          <PassedOver preview={preview} about={about} />
        </Card>
      </div>
    </>
  );
}

interface PassedOverProps {
  readonly preview: Preview;
  readonly about: (count: number) => string;
}

function PassedOver({ preview, about }: PassedOverProps) {
  const t = useTexts(newJobTexts);
  const lines = [
    { count: preview.BusyCount, text: t.busy, isBad: true },
    { count: preview.ReplacedCount, text: t.replaced, isBad: true },
    { count: preview.ArrivedCount, text: t.arrived, isBad: false },
    { count: preview.UnfitCount, text: t.unfit, isBad: false },
  ].filter(({ count }) => count > 0);
  const names = preview.UnknownNames.DeviceName;
  if (lines.length === 0 && preview.UnknownCount === 0) return <p>{t.noConflict}</p>;
  return (
    <ul className="passed-over">
      {lines.map(({ count, text, isBad }) => (
        <li key={text('')}>
          {isBad && <Icon name="warning" />} {text(about(count))}
        </li>
      ))}
      {preview.UnknownCount > 0 && (
        <li>
          <Icon name="warning" /> {t.unknown(about(preview.UnknownCount))}{' '}
          <code>
            {names.join(', ')}
            {preview.UnknownCount > names.length && '…'}
          </code>
        </li>
      )}
    </ul>
  );
}
