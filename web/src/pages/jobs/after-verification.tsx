import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Icon } from '../../ui/icon.tsx';
import { packageStatus } from '../packages/package-status.ts';
import type { ListedJob } from './job.ts';
import { jobTexts } from './job-texts.ts';

/** What comes after a verification that is over, by what has become of its package. */
export function AfterVerification({ job }: { readonly job: ListedJob }) {
  const t = useTexts(jobTexts);
  const may = useMay();
  const firmware = useAnswer(
    'QueryOTAFirmware',
    { FirmwareId: job.FirmwareId },
    { every: 10_000, when: may('QueryOTAFirmware') },
  );
  const status = firmware.data?.FirmwareInfo.Status;
  if (status !== packageStatus.verified && status !== packageStatus.failed) return null;
  const isVerified = status === packageStatus.verified;
  const mayGoOn = may(isVerified ? 'CreateOTAStaticUpgradeJob' : 'CreateOTAVerifyJob');
  const next = `/jobs/new?firmware=${job.FirmwareId}&kind=${isVerified ? 'static' : 'verify'}`;
  return (
    <div className={isVerified ? 'note good' : 'note'}>
      <Icon name={isVerified ? 'check' : 'warning'} />
      <div>
        <p>{isVerified ? t.verified : t.notVerified}</p>
        {mayGoOn && (
          <Link href={next} className={isVerified ? 'button main' : 'button'}>
            {isVerified ? t.rollOut : t.verifyAgain}
          </Link>
        )}
      </div>
    </div>
  );
}
