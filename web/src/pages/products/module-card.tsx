import { useState } from 'react';
import { isModuleAlias, isModuleName } from '../../../../src/contract/names.ts';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer, useChange } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card } from '../../ui/page.tsx';
import { useRefused } from '../../ui/refused.ts';
import { DataTable } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { productTexts } from './product-texts.ts';

type Module = AnswerOf<'ListOTAModuleByProduct'>['Data'][number];
type Open = { readonly what: 'add' } | { readonly what: 'edit' | 'delete'; readonly module: Module };

/** The modules of a product beside `default`. */
export function ModuleCard({ productKey }: { readonly productKey: string }) {
  const t = useTexts(productTexts);
  const may = useMay();
  const [open, setOpen] = useState<Open>();
  const answer = useAnswer('ListOTAModuleByProduct', { ProductKey: productKey });
  const changes = may('UpdateOTAModule') || may('DeleteOTAModule');
  const close = () => setOpen(undefined);
  return (
    <Card
      title={t.modules}
      tools={
        may('CreateOTAModule') && (
          <button type="button" className="button" onClick={() => setOpen({ what: 'add' })}>
            <Icon name="plus" /> {t.addModule}
          </button>
        )
      }
    >
      <p className="soft">{t.modulesHint}</p>
      <DataTable
        label={t.modules}
        rows={answer.data?.Data}
        keyOf={({ ModuleName }) => ModuleName}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        empty={<p>{t.noModules}</p>}
        columns={[
          { name: t.moduleName, cell: ({ ModuleName }) => <code>{ModuleName}</code> },
          { name: t.alias, cell: ({ AliasName }) => AliasName },
          { name: t.moduleDescription, cell: ({ Desc }) => Desc, minor: true },
          { name: t.changed, cell: ({ GmtModified }) => <Time at={GmtModified} />, minor: true },
          ...(changes
            ? [
                {
                  name: t.actions,
                  cell: (module: Module) => (
                    <div className="row">
                      {may('UpdateOTAModule') && (
                        <button type="button" className="button" onClick={() => setOpen({ what: 'edit', module })}>
                          {t.edit}
                        </button>
                      )}
                      {may('DeleteOTAModule') && (
                        <button type="button" className="button" onClick={() => setOpen({ what: 'delete', module })}>
                          {t.delete}
                        </button>
                      )}
                    </div>
                  ),
                },
              ]
            : []),
        ]}
      />
      {open?.what === 'add' && <AddModuleDialog productKey={productKey} onClose={close} />}
      {open?.what === 'edit' && <EditModuleDialog module={open.module} onClose={close} />}
      {open?.what === 'delete' && <DeleteModuleDialog module={open.module} onClose={close} />}
    </Card>
  );
}

const culprits = { 'iot.ota.AlreadyExistedOtaModuleName': 'name' } as const;

function AddModuleDialog({ productKey, onClose }: { readonly productKey: string; readonly onClose: () => void }) {
  const t = useTexts(productTexts);
  const create = useChange('CreateOTAModule', ['ListOTAModuleByProduct']);
  const [name, setName] = useState('');
  const [alias, setAlias] = useState('');
  const [description, setDescription] = useState('');
  const refused = useRefused(culprits, { name });
  const submit = () =>
    create.mutateAsync({
      ProductKey: productKey,
      ModuleName: name.trim(),
      ...(alias.trim() === '' ? {} : { AliasName: alias.trim() }),
      ...(description.trim() === '' ? {} : { Desc: description.trim() }),
    });
  return (
    <FormDialog title={t.addModule} submit={t.addModule} onSubmit={refused.watch(submit)} onClose={onClose}>
      <TextField
        label={t.moduleName}
        hint={t.moduleNameHint}
        error={refused.at('name')}
        value={name}
        onChange={setName}
        rule={isModuleName}
        spellCheck={false}
        required
      />
      <TextField label={t.alias} hint={t.aliasHint} value={alias} onChange={setAlias} rule={isModuleAlias} />
      <TextField
        label={t.moduleDescription}
        hint={t.descriptionHint}
        value={description}
        onChange={setDescription}
        maxLength={100}
      />
    </FormDialog>
  );
}

interface ModuleDialogProps {
  readonly module: Module;
  readonly onClose: () => void;
}

function EditModuleDialog({ module, onClose }: ModuleDialogProps) {
  const t = useTexts(productTexts);
  const update = useChange('UpdateOTAModule', ['ListOTAModuleByProduct']);
  const [alias, setAlias] = useState(module.AliasName);
  const [description, setDescription] = useState(module.Desc);
  const { ProductKey, ModuleName } = module;
  const submit = () =>
    update.mutateAsync({ ProductKey, ModuleName, AliasName: alias.trim(), Desc: description.trim() });
  return (
    <FormDialog title={t.editModule(ModuleName)} submit={t.save} onSubmit={submit} onClose={onClose}>
      <TextField label={t.alias} hint={t.aliasHint} value={alias} onChange={setAlias} rule={isModuleAlias} />
      <TextField
        label={t.moduleDescription}
        hint={t.descriptionHint}
        value={description}
        onChange={setDescription}
        maxLength={100}
      />
    </FormDialog>
  );
}

function DeleteModuleDialog({ module: { ProductKey, ModuleName }, onClose }: ModuleDialogProps) {
  const t = useTexts(productTexts);
  const remove = useChange('DeleteOTAModule', ['ListOTAModuleByProduct']);
  return (
    <FormDialog
      title={t.deleteModule(ModuleName)}
      submit={t.delete}
      onSubmit={() => remove.mutateAsync({ ProductKey, ModuleName })}
      onClose={onClose}
      danger
    >
      <p>{t.deleteModuleText}</p>
    </FormDialog>
  );
}
