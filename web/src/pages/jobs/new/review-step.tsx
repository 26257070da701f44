import { useMay } from '../../../app/session.tsx';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { Bars } from '../../../ui/bars.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Loading } from '../../../ui/loading.tsx';
import { Card } from '../../../ui/page.tsx';
import type { KnownDevice } from '../../devices/known-devices.ts';
import { DraftFacts } from './draft-facts.tsx';
import { newJobTexts } from './new-job-texts.ts';
import { Refused } from './refused.tsx';
import type { StepProps } from './step-props.ts';
import { type Preview, servedBy, usePreview } from './use-preview.ts';
import { namesSent, without } from './use-typed-names.ts';
import { VerifyReview } from './verify-review.tsx';
import { isNewer } from './versions.ts';

interface ReviewStepProps extends StepProps {
  /** What is known of the devices that are named. */
  readonly devices: ReadonlyMap<string, KnownDevice>;
  readonly onAmend: (error: unknown) => void;
}

/** Whom the job would hit and what it is told to do, before anything starts. */
export function ReviewStep(props: ReviewStepProps) {
  const { draft, firmware } = props;
  return (
    <div className="review">
      {draft.kind === 'verify' ? <VerifyReview {...props} /> : <PreviewOf {...props} />}
      <DraftFacts draft={draft} firmware={firmware} />
    </div>
  );
}

function PreviewOf(props: ReviewStepProps) {
  const { draft, firmware, onAmend } = props;
  const t = useTexts(newJobTexts);
  const may = useMay();
  const { preview, error, retry } = usePreview(draft, firmware);
  if (!may('PreviewOTAUpgradeJob')) return <p className="note">{t.mayNot}</p>;
  if (error) return <Refused error={error} onRetry={retry} onAmend={onAmend} />;
  if (!preview) {
    return (
      <Card>
        <Loading />
        <p className="soft">{t.looking}</p>
      </Card>
    );
  }
  return <WhoIsHit {...props} preview={preview} />;
}

interface WhoIsHitProps extends StepProps {
  readonly preview: Preview;
}

function WhoIsHit({ preview, draft, change }: WhoIsHitProps) {
  const t = useTexts(newJobTexts);
  const formats = useFormats();
  const { OnlineCount: online } = preview;
  const served = servedBy(preview);
  const newer = preview.SrcVersions.SrcVersionDevices.filter(({ Version }) => isNewer(Version, preview.DestVersion));
  const about = (count: number) => (preview.Estimated ? `≈ ${formats.number(count)}` : formats.number(count));
  return (
    <>
      <Card>
        <dl className="figures">
          <div className="figure">
            <dt>{t.hit}</dt>
            <dd>{about(served)}</dd>
            <dd className="figure-note">{t.toVersion(preview.DestVersion)}</dd>
          </div>
          <div className="figure">
            <dt>{t.online}</dt>
            <dd>{about(online)}</dd>
            <dd className="figure-note">{served > 0 && t.ofThem(formats.percent(online / served))}</dd>
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
        {newer.length > 0 && (
          <div className="note">
            <Icon name="warning" />
            <div>
              {newer.map(({ Version, DeviceCount }) => (
                <p key={Version}>{t.downgrade(about(DeviceCount), Version, preview.DestVersion)}</p>
              ))}
            </div>
          </div>
        )}
        {served === 0 && (
          <div className="note">
            <Icon name="warning" />
            <div>
              <p>{draft.kind === 'dynamic' ? t.nobodyYet : t.nobody}</p>
            </div>
          </div>
        )}
      </Card>
      <div className="cards">
        {served > 0 && (
          <Card title={t.byVersionTitle}>
            <Bars
              label={t.byVersionTitle}
              bars={preview.SrcVersions.SrcVersionDevices.map(({ Version, DeviceCount }) => ({
                name: Version || t.noVersion,
                value: DeviceCount,
              }))}
            />
            <p className="soft small">{t.examples(preview.DeviceNames.DeviceName.slice(0, 5).join(t.between))}</p>
          </Card>
        )}
        <Card title={t.passedOver}>
          <PassedOver preview={preview} about={about} draft={draft} change={change} />
        </Card>
      </div>
    </>
  );
}

interface PassedOverProps extends Pick<StepProps, 'draft' | 'change'> {
  readonly preview: Preview;
  readonly about: (count: number) => string;
}

function PassedOver({ preview, about, draft, change }: PassedOverProps) {
  const t = useTexts(newJobTexts);
  const lines = [
    { count: preview.BusyCount, text: t.busy, isBad: true },
    { count: preview.ReplacedCount, text: t.replaced, isBad: true },
    { count: preview.ArrivedCount, text: t.arrived, isBad: false },
    { count: preview.UnfitCount, text: t.unfit, isBad: false },
    { count: preview.InactiveCount, text: draft.kind === 'dynamic' ? t.notYetOnline : t.neverOnline, isBad: false },
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
          {namesSent(draft).length > 0 && (
            <p>
              {t.notWithUnknown}{' '}
              <button type="button" className="button" onClick={() => change({ names: without(draft.names, names) })}>
                {t.leaveOut(about(names.length))}
              </button>
            </p>
          )}
        </li>
      )}
    </ul>
  );
}
