import './packages.css';
import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { isPackageName } from '../../../../src/contract/names.ts';
import { callAction, Refusal, type RequestOf } from '../../api/client.ts';
import { useRefresh } from '../../api/hooks.ts';
import { useProducts } from '../../api/products.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useLeaveWarning } from '../../lib/use-leave-warning.ts';
import { ErrorNote, useErrorWords } from '../../ui/error-note.tsx';
import { CheckField, Choice, TextArea, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { FileDrop } from './file-drop.tsx';
import { versionIn } from './package-files.ts';
import { ModuleSelect, SourceVersion, VersionField } from './package-form-parts.tsx';
import { packagesTexts } from './packages-texts.ts';
import { usePackageUpload } from './use-package-upload.ts';

type Stored = Awaited<ReturnType<ReturnType<typeof usePackageUpload>['send']>>;

/** What the form holds besides its files. */
const blank = { name: '', version: '', module: '', type: 'full', source: '', verify: true, description: '', udi: '' };
type FormState = Omit<typeof blank, 'type'> & { readonly product: string; readonly type: 'full' | 'differential' };

/** The field that a refusal is about. */
const culprits: Readonly<Record<string, 'files' | 'name' | 'source'>> = {
  'iot.firmware.EmptyFirmwareFile': 'files',
  'iot.firmware.InvalidFirmwareSign': 'files',
  'iot.firmware.InvalidFirmwareSize': 'files',
  'iot.firmware.AlreadyExistedFirmwareName': 'name',
  'iot.firmware.IncorrectFormattedFirmwareName': 'name',
  'iot.firmware.SrcDestVersionMatched': 'source',
};

export function NewPackagePage() {
  const t = useTexts(packagesTexts);
  const say = useErrorWords();
  const notice = useNotice();
  const refresh = useRefresh();
  const [, go] = useLocation();
  const [search] = useSearchParams();
  const upload = usePackageUpload();
  const { data: products = [] } = useProducts();
  const [form, setForm] = useState<FormState>({ ...blank, type: 'full', product: search.get('product') ?? '' });
  const [work, setWork] = useState<AbortController>();
  const [error, setError] = useState<unknown>();
  const body = useRef<HTMLDivElement>(null);
  // who has gone elsewhere is not to be led to the package
  useEffect(() => () => work?.abort(), [work]);
  useLeaveWarning(work !== undefined);
  useEffect(() => {
    if (error !== undefined) body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);
  const set = (changes: Partial<FormState>) => {
    setError(undefined);
    setForm((now) => ({ ...now, ...changes }));
  };

  // what a file's name suggests is only a suggestion: it fills what is empty
  const version = form.version || versionIn(upload.files[0]?.file.name ?? '');
  const product = form.product || (products.length === 1 ? (products[0]?.ProductKey ?? '') : '');
  const culprit = error instanceof Refusal ? culprits[error.code] : undefined;
  const refusedAt = (field: typeof culprit) => (culprit === field && culprit !== undefined ? say(error) : undefined);

  const submit = async () => {
    const controller = new AbortController();
    setWork(controller);
    setError(undefined);
    try {
      const stored = await upload.send(controller.signal);
      const request = requestOf({ ...form, product, version }, stored);
      const { Data } = await callAction('CreateOTAFirmware', request, controller.signal);
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
        <div ref={body}>
          <Form className="form" onSubmit={() => void submit()}>
            <FileDrop
              upload={upload}
              busy={work !== undefined}
              problem={refusedAt('files')}
              onChange={() => setError(undefined)}
            />
            <ProductSelect
              value={product}
              onChange={(chosen) => set({ product: chosen, module: '' })}
              none="choose"
              wrong={product === '' ? t.missingProduct : undefined}
            />
            <ModuleSelect product={product} value={form.module} onChange={(module) => set({ module })} />
            <TextField
              label={t.packageName}
              hint={t.packageNameHint}
              error={refusedAt('name')}
              rule={isPackageName}
              value={form.name}
              required
              onChange={(name) => set({ name })}
            />
            <VersionField
              product={product}
              module={form.module}
              value={version}
              onChange={(to) => set({ version: to })}
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
            {form.type === 'differential' && (
              <SourceVersion
                product={product}
                module={form.module}
                error={refusedAt('source')}
                value={form.source}
                destination={version}
                onChange={(source) => set({ source })}
              />
            )}
            <CheckField label={t.verify} checked={form.verify} onChange={(verify) => set({ verify })} />
            <details>
              <summary>{t.more}</summary>
              <div className="form">
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
            {error !== undefined && culprit === undefined && <ErrorNote error={error} />}
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
          </Form>
        </div>
      </Card>
    </Page>
  );
}

/** The digests that this browser computed go along: the server refuses a file that it reads otherwise. */
function requestOf(form: FormState, files: Stored): RequestOf<'CreateOTAFirmware'> {
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
