import { Link } from 'wouter';
import type { AnswerOf } from '../../api/client.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Icon } from '../../ui/icon.tsx';
import { isReady, isVerifiable, packageStatus } from './package-status.ts';
import { packagesTexts } from './packages-texts.ts';

type Package = AnswerOf<'QueryOTAFirmware'>['FirmwareInfo'];
export type Listed = AnswerOf<'ListOTAFirmware'>['FirmwareInfo']['SimpleFirmwareInfo'][number];

/** The kinds of job that roll a package out, the most common first. */
const rollouts = [
  ['CreateOTAStaticUpgradeJob', 'static'],
  ['CreateOTADynamicUpgradeJob', 'dynamic'],
] as const;

/** What is done next with a package: it is verified, or else rolled out. */
function useNextStep(firmware: Pick<Package | Listed, 'FirmwareId' | 'Status'>) {
  const t = useTexts(packagesTexts);
  const may = useMay();
  const job = (kind: string) => `/jobs/new?firmware=${firmware.FirmwareId}&kind=${kind}`;
  if (isVerifiable(firmware) && may('CreateOTAVerifyJob'))
    return { href: job('verify'), name: t.verifyNow, short: t.verifyShort } as const;
  const kind = rollouts.find(([action]) => may(action))?.[1];
  return isReady(firmware) && kind ? ({ href: job(kind), name: t.rollOut, short: t.rollOut } as const) : undefined;
}

/** Leads from a row of a table to what is done next. */
export function NextStep({ firmware }: { readonly firmware: Listed }) {
  const next = useNextStep(firmware);
  if (!next) return null;
  return (
    <Link
      href={next.href}
      className="button whole"
      aria-label={`${next.short}: ${firmware.FirmwareName} ${firmware.DestVersion}`}
    >
      {next.short}
    </Link>
  );
}

/** How far a package is on its way to devices, and the way on. */
export function PackageNext({ firmware }: { readonly firmware: Package }) {
  const t = useTexts(packagesTexts);
  const next = useNextStep(firmware);
  const { verifying, verified, exempt, failed } = packageStatus;
  const is = firmware.Status;
  const text =
    is === verifying
      ? t.verifying(firmware.VerifyProgress)
      : is === verified
        ? t.readyVerified
        : is === exempt
          ? t.readyExempt
          : is === failed
            ? t.verifyFailed
            : t.needsVerify;
  return (
    <div className={isReady(firmware) ? 'note good' : 'note'} role={is === verifying ? 'status' : undefined}>
      <Icon name={is === verifying ? 'play' : isReady(firmware) ? 'check' : 'hand'} />
      <div>
        <p>{text}</p>
        {next && (
          <Link href={next.href} className="button main">
            {next.name}
          </Link>
        )}
      </div>
    </div>
  );
}
