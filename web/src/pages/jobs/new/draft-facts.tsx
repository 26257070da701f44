import { useGroups } from '../../../api/groups.ts';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { namesIn } from '../../../lib/names-in.ts';
import { Card, Fact, Facts } from '../../../ui/page.tsx';
import { Time } from '../../../ui/time.tsx';
import { jobTexts } from '../job-texts.ts';
import { jobsTexts } from '../jobs-texts.ts';
import { SettingFacts, type Settings } from '../setting-facts.tsx';
import { tagsIn } from '../tags.ts';
import type { Draft, Package } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';

/** What the job is going to be told, as its page will say it. */
export function DraftFacts({ draft, firmware }: { readonly draft: Draft; readonly firmware: Package }) {
  const t = useTexts(jobTexts);
  const words = useTexts(newJobTexts);
  return (
    <Card title={t.facts}>
      <Facts>
        <Fact name={t.package}>
          {firmware.FirmwareName} · {firmware.DestVersion}
        </Fact>
        <Target draft={draft} />
        {draft.kind === 'static' && (
          <>
            <Fact name={words.start}>
              {draft.start === 'now' ? words.starts.now : <Time at={Date.parse(draft.startAt)} />}
            </Fact>
            {draft.endAt !== '' && (
              <Fact name={words.endAt}>
                <Time at={Date.parse(draft.endAt)} />
              </Fact>
            )}
          </>
        )}
        <SettingFacts settings={settingsOf(draft)} />
      </Facts>
    </Card>
  );
}

const settingsOf = (draft: Draft): Settings => ({
  timeoutMinutes: draft.timeout === '' ? undefined : Number(draft.timeout),
  rollout:
    draft.kind === 'verify'
      ? undefined
      : {
          perMinute: Number(draft.rate),
          retries: Number(draft.retryCount),
          retryMinutes: Number(draft.retryInterval),
          overwrites: draft.overwrite,
          multi: draft.multi,
        },
  push: draft.push,
  confirm: draft.confirm,
  protocol: draft.protocol,
  tags: tagsIn(draft.tags).tags,
});

/** Which devices are meant. */
function Target({ draft }: { readonly draft: Draft }) {
  const t = useTexts(jobTexts);
  const words = useTexts(newJobTexts);
  const jobs = useTexts(jobsTexts);
  const formats = useFormats();
  const { kind, target } = draft;
  const named = kind === 'verify' || (kind === 'static' && target === 'SPECIFIC');
  const byVersion = kind === 'dynamic' ? draft.dynamicBy === 'version' : kind === 'static' && /ALL|GRAY/.test(target);
  const count = kind === 'static' && draft.list ? draft.list.count : namesIn(draft.names).length;
  return (
    <>
      <Fact name={t.kind}>
        {jobs.kinds[kind]}
        {kind === 'static' && ` · ${jobs.targets[target]}`}
      </Fact>
      {named && <Fact name={words.names}>{words.nameCount(formats.number(count))}</Fact>}
      {kind === 'static' && target === 'GRAY' && <Fact name={t.percent}>{Number(draft.percent)}%</Fact>}
      {kind === 'static' && target === 'GROUP' && <GroupFact type="LINK_PLATFORM" id={draft.group} />}
      {kind === 'dynamic' && draft.dynamicBy === 'group' && (
        <GroupFact type="LINK_PLATFORM_DYNAMIC" id={draft.dynamicGroup} />
      )}
      {kind === 'dynamic' && <Fact name={t.mode}>{t.modes[draft.dynamicMode]}</Fact>}
      {byVersion && <Fact name={t.sourceVersions}>{namesIn(draft.versions).join(words.between) || t.anyVersion}</Fact>}
    </>
  );
}

interface GroupFactProps {
  readonly type: 'LINK_PLATFORM' | 'LINK_PLATFORM_DYNAMIC';
  readonly id: string;
}

function GroupFact({ type, id }: GroupFactProps) {
  const t = useTexts(jobTexts);
  const { data: groups = [] } = useGroups(type);
  return <Fact name={t.group}>{groups.find(({ GroupId }) => GroupId === id)?.GroupName ?? id}</Fact>;
}
