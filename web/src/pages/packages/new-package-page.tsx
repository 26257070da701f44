import './packages.css';
import { type FormEvent, useEffect, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { callAction, type RequestOf } from '../../api/client.ts';
import { useAnswer, useRefresh } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useLeaveWarning } from '../../lib/use-leave-warning.ts';
import { ErrorNote } from '../../ui/error-note.tsx';
import { CheckField, Choice, SelectField, TextArea, TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { FileDrop } from './file-drop.tsx';
import { versionIn } from './package-files.ts';
import { packagesTexts } from './packages-texts.ts';
import { usePackageUpload } from './use-package-upload.ts';

type Stored = Awaited<ReturnType<ReturnType<typeof usePackageUpload>['send']>>;

/** What the form holds besides its files. */
const blank = { name: '', version: '', module: '', type: 'full', source: '', verify: true, description: '', udi: '' };
type Form = Omit<typeof blank, 'type'> & { readonly product: string; readonly type: 'full' | 'differential' };

export function NewPackagePage() {
  const t = useTexts(packagesTexts);
  const notice = useNotice();
  const refresh = useRefresh();
  const [, go] = useLocation();
  const [search] = useSearchParams();
  const upload = usePackageUpload();
  const [form, setForm] = useState<Form>({ ...blank, type: 'full', product: search.get('product') ?? '' });
  const [tried, setTried] = useState(false);
  const [work, setWork] = useState<AbortController>();
  const [error, setError] = useState<unknown>();
  // who has gone elsewhere is not to be led to the package
  useEffect(() => () => work?.abort(), [work]);
  useLeaveWarning(work !== undefined);
  const set = (changes: Partial<Form>) => setForm((now) => ({ ...now, ...changes }));

  // what a file's name suggests is only a suggestion: it fills what is empty
  const suggested = versionIn(upload.files[0]?.file.name ?? '');
  const version = form.version || suggested;
  const differential = form.type === 'differential';
  const names = upload.files.map(({ name }) => name);
  const problems = {
    files:
      upload.files.length === 0
        ? t.missingFile
        : new Set(names).size < names.length && names.length > 1
          ? t.sameNames
          : '',
    product: form.product === '' ? t.missingProduct : '',
    name: form.name.trim() === '' ? t.missingName : '',
    version: version === '' ? t.missingVersion : '',
    source: differential && form.source.trim() === '' ? t.missingSource : '',
  };
  const shown = (name: keyof typeof problems) => (tried ? problems[name] || undefined : undefined);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.values(problems).some((problem) => problem !== '')) return;
    const controller = new AbortController();
    setWork(controller);
    setError(undefined);
    try {
      const stored = await upload.send(controller.signal);
      const { Data } = await callAction(
        'CreateOTAFirmware',
        requestOf({ ...form, version }, stored),
        controller.signal,
      );
      await refresh(['ListOTAFirmware']);
      notice(t.created1(form.name.trim()));
      go(`/packages/${Data.FirmwareId}`);
    } catch (problem) {
      if (!controller.signal.aborted) setError(problem);
      setWork(undefined);
    }
  };

  return (
    <Page title={t.newTitle} above={[{ href: '/packages', name: t.title }]}>
      <Card>
        <form className="form" noValidate onSubmit={(event) => void submit(event)}>
          <FileDrop upload={upload} busy={work !== undefined} problem={shown('files')} />
          <ProductSelect
            value={form.product}
            onChange={(product) => set({ product, module: '' })}
            none="choose"
            error={shown('product')}
          />
          <TextField
            label={t.packageName}
            hint={t.packageNameHint}
            error={shown('name')}
            value={form.name}
            maxLength={40}
            required
            onChange={(name) => set({ name })}
          />
          <TextField
            label={t.version}
            hint={t.versionHint}
            error={shown('version')}
            value={version}
            maxLength={64}
            spellCheck={false}
            required
            onChange={(changed) => set({ version: changed })}
          />
          <Choice
            label={t.packageType}
            value={form.type}
            onChange={(type) => set({ type })}
            options={[
              { value: 'full', name: t.full, hint: t.fullHint },
              { value: 'differential', name: t.differential, hint: t.differentialHint },
            ]}
          />
          {differential && (
            <TextField
              label={t.sourceVersion}
              hint={t.sourceVersionHint}
              error={shown('source')}
              value={form.source}
              maxLength={64}
              spellCheck={false}
              required
              onChange={(source) => set({ source })}
            />
          )}
          <CheckField label={t.verify} checked={form.verify} onChange={(verify) => set({ verify })} />
          <details>
            <summary>{t.more}</summary>
            <div className="form">
              <ModuleSelect product={form.product} value={form.module} onChange={(module) => set({ module })} />
              <TextField
                label={t.description}
                value={form.description}
                maxLength={100}
                onChange={(description) => set({ description })}
              />
              <TextArea
                label={t.udi}
                hint={t.udiHint}
                value={form.udi}
                maxLength={4_096}
                onChange={(udi) => set({ udi })}
              />
            </div>
          </details>
          {error !== undefined && <ErrorNote error={error} />}
          <div className="row">
            <button type="submit" className="button main" disabled={work !== undefined}>
              {work ? t.working : t.create}
            </button>
            {work && (
              <button
                type="button"
                className="button"
                onClick={() => work.abort(new DOMException('stopped', 'AbortError'))}
              >
                {t.stop}
              </button>
            )}
          </div>
        </form>
      </Card>
    </Page>
  );
}

interface ModuleSelectProps {
  readonly product: string;
  readonly value: string;
  readonly onChange: (module: string) => void;
}

function ModuleSelect({ product, value, onChange }: ModuleSelectProps) {
  const t = useTexts(packagesTexts);
  const modules = useAnswer('ListOTAModuleByProduct', { ProductKey: product }, { when: product !== '' });
  return (
    <SelectField
      label={t.module}
      value={value}
      onChange={onChange}
      options={[
        { value: '', name: t.defaultModule },
        ...(modules.data?.Data ?? []).map(({ ModuleName, AliasName }) => ({
          value: ModuleName,
          name: AliasName === '' ? ModuleName : `${ModuleName} (${AliasName})`,
        })),
      ]}
    />
  );
}

/** The digests that this browser computed go along: the server refuses a file that it reads otherwise. */
function requestOf(form: Form, files: Stored): RequestOf<'CreateOTAFirmware'> {
  const [only] = files;
  return {
    FirmwareName: form.name.trim(),
    DestVersion: form.version.trim(),
    ProductKey: form.product,
    SignMethod: 'SHA256',
    Type: form.type === 'differential' ? 1 : 0,
    SrcVersion: form.type === 'differential' ? form.source.trim() : undefined,
    ModuleName: form.module || undefined,
    FirmwareDesc: form.description || undefined,
    NeedToVerify: form.verify,
    Udi: form.udi || undefined,
    ...(files.length === 1 && only
      ? { FirmwareUrl: only.url, FirmwareSign: only.digest, FirmwareSize: only.file.size }
      : {
          MultiFiles: files.map(({ name, url, digest, file }) => ({
            Name: name,
            Url: url,
            SignValue: digest,
            Size: file.size,
          })),
        }),
  };
}
