import { useState } from 'react';
import { isGroupName } from '../../../../src/contract/names.ts';
import { useChange } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { Choice, TextArea, TextField } from '../../ui/field.tsx';
import { useRefused } from '../../ui/refused.ts';
import { type GroupKind, groupKinds, ruleExamples } from './group-kinds.ts';
import { groupTexts } from './group-texts.ts';

const culprits = {
  'iot.group.GroupNameExisted': 'name',
  'iot.group.InvalidGroupName': 'name',
  'iot.devicesearch.InvalidSQLError': 'rule',
  'iot.devicesearch.ConditionError': 'rule',
  'iot.devicesearch.FieldError': 'rule',
  'iot.devicesearch.OperatorTypeError': 'rule',
  'iot.devicesearch.OrderError': 'rule',
  'iot.devicesearch.OffsetError': 'rule',
  'iot.devicesearch.ParamError': 'rule',
} as const;

interface CreateGroupDialogProps {
  /** The static group to create it in; such groups are static, too. */
  readonly within?: string;
  readonly onClose: () => void;
  readonly onCreated: (groupId: string) => void;
}

export function CreateGroupDialog({ within, onClose, onCreated }: CreateGroupDialogProps) {
  const t = useTexts(groupTexts);
  const may = useMay();
  const kinds = groupKinds.filter((kind) =>
    kind === 'static' ? may('CreateDeviceGroup') : may('CreateDeviceDynamicGroup') && within === undefined,
  );
  const [kind, setKind] = useState<GroupKind>(kinds[0] ?? 'static');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [rule, setRule] = useState('');
  const createStatic = useChange('CreateDeviceGroup', ['QueryDeviceGroupList']);
  const createDynamic = useChange('CreateDeviceDynamicGroup', ['QueryDeviceGroupList']);
  const refused = useRefused(culprits, { name, rule });
  const submit = async () => {
    const named = {
      GroupName: name.trim(),
      ...(description.trim() === '' ? {} : { GroupDesc: description.trim() }),
    };
    const { Data } =
      kind === 'dynamic'
        ? await createDynamic.mutateAsync({ ...named, DynamicGroupExpression: rule.trim() })
        : await createStatic.mutateAsync({ ...named, ...(within === undefined ? {} : { SuperGroupId: within }) });
    onCreated(Data.GroupId);
  };
  return (
    <FormDialog
      title={within === undefined ? t.create : t.createWithin}
      submit={t.create}
      onSubmit={refused.watch(submit)}
      onClose={onClose}
      wide={kind === 'dynamic'}
    >
      <TextField
        label={t.name}
        hint={t.nameHint}
        error={refused.at('name')}
        value={name}
        onChange={setName}
        rule={isGroupName}
        required
      />
      <TextField
        label={t.description}
        hint={t.descriptionHint}
        value={description}
        onChange={setDescription}
        maxLength={100}
      />
      {kinds.length > 1 && (
        <Choice
          label={t.kind}
          value={kind}
          onChange={setKind}
          options={kinds.map((value) => ({ value, name: t.kinds[value], hint: t.kindHints[value] }))}
        />
      )}
      {kind === 'dynamic' && (
        <>
          <TextArea
            label={t.rule}
            hint={t.ruleHint}
            error={refused.at('rule')}
            value={rule}
            onChange={setRule}
            required
          />
          <RuleHelp onUse={setRule} />
        </>
      )}
    </FormDialog>
  );
}

function RuleHelp({ onUse }: { readonly onUse: (rule: string) => void }) {
  const t = useTexts(groupTexts);
  return (
    <details>
      <summary>{t.ruleHelp}</summary>
      <div className="form wide">
        <p className="small">{t.ruleSyntax}</p>
        <table className="small">
          <thead>
            <tr>
              <th scope="col">{t.field}</th>
              <th scope="col">{t.meaning}</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(t.ruleFields).map(([field, meaning]) => (
              <tr key={field}>
                <th scope="row">
                  <code>{field}</code>
                </th>
                <td>{meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <h3>{t.example}</h3>
        {ruleExamples.map((rule) => (
          <div key={rule} className="row">
            <code>{rule}</code>
            <button type="button" className="button" onClick={() => onUse(rule)}>
              {t.use}
            </button>
          </div>
        ))}
      </div>
    </details>
  );
}
