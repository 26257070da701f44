import { Link } from 'wouter';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Card, Fact, Facts } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { type JobDetails, kindOf, type ListedJob } from './job.ts';
import { jobTexts } from './job-texts.ts';
import { jobsTexts } from './jobs-texts.ts';

interface JobFactsProps {
  readonly job: ListedJob;
  readonly facts: JobDetails;
}

/** What a job was told to do. */
export function JobFacts({ job, facts }: JobFactsProps) {
  const t = useTexts(jobTexts);
  const formats = useFormats();
  const tags = facts.Tags.OtaTagDTO;
  const isVerify = kindOf(job) === 'verify';
  const overwrites: Readonly<Record<string, string>> = t.overwrites;
  return (
    <Card title={t.facts}>
      <Facts>
        <Fact name={t.package}>
          <Link href={`/packages/${facts.FirmwareId}`}>
            {facts.Name} · {facts.DestVersion}
          </Link>
        </Fact>
        <Fact name={t.product}>
          <Link href={`/products/${facts.ProductKey}`}>{job.ProductName || facts.ProductKey}</Link>
        </Fact>
        <Fact name={t.module}>{job.ModuleName}</Fact>
        <TargetFacts job={job} facts={facts} />
        <Fact name={t.timeout}>
          {facts.TimeoutInMinutes === undefined
            ? t.timeoutNone
            : t.timeoutValue(formats.number(facts.TimeoutInMinutes))}
        </Fact>
        {!isVerify && (
          <>
            <Fact name={t.maximum}>{t.maximumValue(formats.number(facts.MaximumPerMinute))}</Fact>
            <Fact name={t.retry}>
              {facts.RetryCount === undefined ? t.retryNone : t.retryValue(facts.RetryCount, facts.RetryInterval ?? 0)}
            </Fact>
            <Fact name={t.overwrite}>{overwrites[String(facts.OverwriteMode)]}</Fact>
            <Fact name={t.multi}>{facts.MultiModuleMode ? t.yes : t.no}</Fact>
          </>
        )}
        <Fact name={t.push}>{facts.NeedPush ? t.pushYes : t.pushNo}</Fact>
        <Fact name={t.confirm}>{facts.NeedConfirm ? t.confirmYes : t.confirmNo}</Fact>
        <Fact name={t.protocol}>{facts.DownloadProtocol}</Fact>
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
        {facts.JobDesc !== '' && <Fact name={t.unknownNames}>{facts.JobDesc}</Fact>}
        <Fact name={t.id}>
          <Copyable text={facts.JobId} />
        </Fact>
        <TimeFacts facts={facts} />
      </Facts>
    </Card>
  );
}

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
