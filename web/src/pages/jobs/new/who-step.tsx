import { useMay } from '../../../app/session.tsx';
import { useTexts } from '../../../i18n/language.tsx';
import { Choice, TextField } from '../../../ui/field.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Card } from '../../../ui/page.tsx';
import { isReady, isVerifiable } from '../../packages/package-status.ts';
import { jobsTexts } from '../jobs-texts.ts';
import { DeviceNames } from './device-names.tsx';
import { type Draft, MOST_TESTED, type Package } from './draft.ts';
import { GroupField } from './group-field.tsx';
import { NamesField } from './names-field.tsx';
import { newJobTexts } from './new-job-texts.ts';
import { SourceVersions } from './source-versions.tsx';
import type { StepProps } from './step-props.ts';

const kinds = [
  { value: 'static', needs: 'CreateOTAStaticUpgradeJob' },
  { value: 'dynamic', needs: 'CreateOTADynamicUpgradeJob' },
  { value: 'verify', needs: 'CreateOTAVerifyJob' },
] as const;
const targets = ['ALL', 'GRAY', 'SPECIFIC', 'GROUP'] as const;

/** Whether the package does not allow this kind of job. */
export const isBlocked = ({ kind }: Draft, firmware: Package): boolean =>
  kind === 'verify' ? !isVerifiable(firmware) : !isReady(firmware);

/** Chooses which devices are meant. */
export function WhoStep(props: StepProps) {
  const { draft, firmware, change } = props;
  const t = useTexts(newJobTexts);
  const words = useTexts(jobsTexts);
  const may = useMay();
  return (
    <Card>
      <Choice
        label={t.kind}
        value={draft.kind}
        onChange={(kind) => change({ kind })}
        options={kinds
          // what needs no verification, or has passed it, cannot be verified
          .filter(
            ({ needs, value }) =>
              may(needs) && (value !== 'verify' || isVerifiable(firmware) || draft.kind === 'verify'),
          )
          .map(({ value }) => ({ value, name: words.kinds[value], hint: t.kindHints[value] }))}
      />
      {isBlocked(draft, firmware) && (
        <div className="note">
          <Icon name="hand" />
          <div>
            <p>{draft.kind === 'verify' ? t.notVerifiable : t.unverified}</p>
          </div>
        </div>
      )}
      {draft.kind === 'static' && <StaticTarget {...props} />}
      {draft.kind === 'dynamic' && <DynamicTarget {...props} />}
      {draft.kind === 'verify' && (
        <DeviceNames
          {...props}
          label={t.testNames}
          hint={t.testNamesHint}
          error={props.faultOf('names')}
          most={MOST_TESTED}
        />
      )}
      {firmware.Type === 1 && <p className="soft">{t.differential(firmware.SrcVersion)}</p>}
    </Card>
  );
}

function StaticTarget(props: StepProps) {
  const { draft, change, faultOf } = props;
  const t = useTexts(newJobTexts);
  const words = useTexts(jobsTexts);
  return (
    <>
      <Choice
        label={t.target}
        value={draft.target}
        onChange={(target) => change({ target })}
        options={targets.map((value) => ({ value, name: words.targets[value], hint: t.targetHints[value] }))}
      />
      {draft.target === 'GRAY' && (
        <TextField
          label={t.percent}
          hint={t.percentHint}
          error={faultOf('percent')}
          value={draft.percent}
          onChange={(percent) => change({ percent })}
        />
      )}
      {draft.target === 'SPECIFIC' && <NamesField {...props} />}
      {draft.target === 'GROUP' && (
        <GroupField
          type="LINK_PLATFORM"
          value={draft.group}
          error={faultOf('group')}
          onChange={(group) => change({ group })}
        />
      )}
      {(draft.target === 'ALL' || draft.target === 'GRAY') && <SourceVersions {...props} />}
    </>
  );
}

function DynamicTarget(props: StepProps) {
  const { draft, change, faultOf } = props;
  const t = useTexts(newJobTexts);
  return (
    <>
      <Choice
        label={t.by}
        value={draft.dynamicBy}
        onChange={(dynamicBy) => change({ dynamicBy })}
        options={[
          { value: 'version', name: t.byVersion, hint: t.byVersionHint },
          { value: 'group', name: t.byGroup, hint: t.byGroupHint },
        ]}
      />
      {draft.dynamicBy === 'version' ? (
        <SourceVersions {...props} />
      ) : (
        <GroupField
          type="LINK_PLATFORM_DYNAMIC"
          value={draft.dynamicGroup}
          error={faultOf('dynamicGroup') ?? faultOf('group')}
          onChange={(dynamicGroup) => change({ dynamicGroup })}
        />
      )}
      <Choice
        label={t.mode}
        value={draft.dynamicMode}
        onChange={(dynamicMode) => change({ dynamicMode })}
        options={(['1', '2'] as const).map((value) => ({ value, name: t.modes[value], hint: t.modeHints[value] }))}
      />
    </>
  );
}
