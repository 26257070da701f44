import { Link } from 'wouter';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Card, Fact, Facts } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { ProductLink } from '../common/product-link.tsx';
import { type JobDetails, kindOf, type ListedJob } from './job.ts';
import { jobTexts } from './job-texts.ts';
import { jobsTexts } from './jobs-texts.ts';
import { SettingFacts, type Settings } from './setting-facts.tsx';

interface JobFactsProps {
  readonly job: ListedJob;
  readonly facts: JobDetails;
}

/** What a job was told to do. */
export function JobFacts({ job, facts }: JobFactsProps) {
  const t = useTexts(jobTexts);
  return (
    <Card title={t.facts}>
      <Facts>
        <Fact name={t.package}>
          <Link href={`/packages/${facts.FirmwareId}`}>
            {facts.Name} · {facts.DestVersion}
          </Link>
        </Fact>
        <Fact name={t.product}>
          <ProductLink productKey={facts.ProductKey} name={job.ProductName} />
        </Fact>
        <Fact name={t.module}>{job.ModuleName}</Fact>
        <TargetFacts job={job} facts={facts} />
        <SettingFacts settings={settingsOf(job, facts)} />
        {facts.JobDesc !== '' && <Fact name={t.unknownNames}>{facts.JobDesc}</Fact>}
        <Fact name={t.id}>
          <Copyable text={facts.JobId} />
        </Fact>
        <TimeFacts facts={facts} />
      </Facts>
    </Card>
  );
}

const settingsOf = (job: ListedJob, facts: JobDetails): Settings => ({
  timeoutMinutes: facts.TimeoutInMinutes,
  rollout:
    kindOf(job) === 'verify'
      ? undefined
      : {
          perMinute: facts.MaximumPerMinute,
          retries: facts.RetryCount ?? 0,
          retryMinutes: facts.RetryInterval ?? 0,
          overwrites: facts.OverwriteMode === 2,
          multi: facts.MultiModuleMode,
        },
  push: facts.NeedPush,
  confirm: facts.NeedConfirm,
  protocol: facts.DownloadProtocol,
  tags: facts.Tags.OtaTagDTO,
});

function TargetFacts({ job, facts }: JobFactsProps) {
  const t = useTexts(jobTexts);
  const words = useTexts(jobsTexts);
  const targets: Readonly<Record<string, string>> = words.targets;
  const modes: Readonly<Record<string, string>> = t.modes;
  const versions = facts.SrcVersions.SrcVersion;
  return (
    <>
      <Fact name={t.kind}>{words.kinds[kindOf(job)]}</Fact>
      <Fact name={t.target}>{targets[facts.TargetSelection] ?? facts.TargetSelection}</Fact>
      {facts.GroupId !== '' && (
        <Fact name={t.group}>
          <Link href={`/groups/${facts.GroupId}`}>{facts.GroupName || facts.GroupId}</Link>
        </Fact>
      )}
      {facts.GrayPercent !== undefined && <Fact name={t.percent}>{Number(facts.GrayPercent)}%</Fact>}
      {facts.DynamicMode !== undefined && <Fact name={t.mode}>{modes[String(facts.DynamicMode)]}</Fact>}
      <Fact name={t.sourceVersions}>{versions.length === 0 ? t.anyVersion : versions.join(', ')}</Fact>
    </>
  );
}

function TimeFacts({ facts }: { readonly facts: JobDetails }) {
  const t = useTexts(jobTexts);
  const times = [
    [t.created, facts.UtcCreate],
    [t.planned, facts.UtcScheduleTime],
    [t.started, facts.UtcStartTime],
    [t.forcedEnd, facts.UtcScheduleFinishTime],
    [t.finished, facts.UtcEndTime],
  ] as const;
  return times
    .filter(([, at]) => at !== undefined)
    .map(([name, at]) => (
      <Fact key={name} name={name}>
        <Time at={at} />
      </Fact>
    ));
}
