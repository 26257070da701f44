import './packages.css';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { isPackageName } from '../../../../src/contract/names.ts';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer, useChange, useForget } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextArea, TextField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Card, Fact, Facts, Page } from '../../ui/page.tsx';
import { useRefused } from '../../ui/refused.ts';
import { Status } from '../../ui/status.tsx';
import { Time } from '../../ui/time.tsx';
import { Unavailable } from '../../ui/unavailable.tsx';
import { ProductLink } from '../common/product-link.tsx';
import { PackageJobs } from './package-jobs.tsx';
import { PackageNext } from './package-next.tsx';
import { packageStatus } from './package-status.ts';
import { packagesTexts } from './packages-texts.ts';

type Package = AnswerOf<'QueryOTAFirmware'>['FirmwareInfo'];

export function PackagePage({ id }: { readonly id: string }) {
  const t = useTexts(packagesTexts);
  const may = useMay();
  const answer = useAnswer(
    'QueryOTAFirmware',
    { FirmwareId: id },
    { every: (last) => (last?.FirmwareInfo.Status === packageStatus.verifying ? 3_000 : 15_000) },
  );
  const above = [{ href: '/packages', name: t.title }];
  const firmware = answer.data?.FirmwareInfo;
  if (!firmware) {
    return (
      <Page title={t.title} above={above}>
        <Unavailable
          error={answer.error}
          onRetry={() => void answer.refetch()}
          unknown={t.notFound}
          list={{ href: '/packages', name: t.toPackages }}
        />
      </Page>
    );
  }
  return (
    <Page
      title={`${firmware.FirmwareName} · ${firmware.DestVersion}`}
      above={above}
      aside={<Status of="firmware" status={String(firmware.Status)} />}
      tools={<PackageTools firmware={firmware} />}
    >
      <PackageNext firmware={firmware} />
      <Card title={t.facts}>
        <PackageFacts firmware={firmware} />
      </Card>
      {may('ListOTAJob') && <PackageJobs id={id} />}
    </Page>
  );
}

function PackageTools({ firmware }: { readonly firmware: Package }) {
  const t = useTexts(packagesTexts);
  const may = useMay();
  const [open, setOpen] = useState<'edit' | 'delete'>();
  return (
    <>
      {may('ModifyOTAFirmware') && (
        <button type="button" className="button" onClick={() => setOpen('edit')}>
          {t.edit}
        </button>
      )}
      {may('DeleteOTAFirmware') && (
        <button type="button" className="button danger" onClick={() => setOpen('delete')}>
          {t.delete}
        </button>
      )}
      {open === 'edit' && <EditDialog firmware={firmware} onClose={() => setOpen(undefined)} />}
      {open === 'delete' && <DeleteDialog firmware={firmware} onClose={() => setOpen(undefined)} />}
    </>
  );
}

interface DialogProps {
  readonly firmware: Package;
  readonly onClose: () => void;
}

const culprits = {
  'iot.firmware.AlreadyExistedFirmwareName': 'name',
  'iot.firmware.IncorrectFormattedFirmwareName': 'name',
} as const;

function EditDialog({ firmware, onClose }: DialogProps) {
  const t = useTexts(packagesTexts);
  const notice = useNotice();
  const modify = useChange('ModifyOTAFirmware', ['QueryOTAFirmware', 'ListOTAFirmware']);
  const [name, setName] = useState(firmware.FirmwareName);
  const [description, setDescription] = useState(firmware.FirmwareDesc);
  const [udi, setUdi] = useState(firmware.Udi);
  const refused = useRefused(culprits, { name });
  const save = async () => {
    await modify.mutateAsync({
      FirmwareId: firmware.FirmwareId,
      ProductKey: firmware.ProductKey ?? '',
      FirmwareName: name.trim() === firmware.FirmwareName ? undefined : name.trim(),
      FirmwareDesc: description,
      FirmwareUdi: udi,
    });
    notice(t.saved);
  };
  return (
    <FormDialog title={t.edit} submit={t.save} onSubmit={refused.watch(save)} onClose={onClose}>
      <TextField
        label={t.packageName}
        hint={t.packageNameHint}
        error={refused.at('name')}
        rule={isPackageName}
        value={name}
        required
        onChange={setName}
      />
      <TextField label={t.description} value={description} maxLength={100} onChange={setDescription} />
      <TextArea label={t.udi} hint={t.udiHint} value={udi} maxLength={4_096} onChange={setUdi} />
    </FormDialog>
  );
}

function DeleteDialog({ firmware, onClose }: DialogProps) {
  const t = useTexts(packagesTexts);
  const notice = useNotice();
  const [, go] = useLocation();
  const forget = useForget();
  const remove = useChange('DeleteOTAFirmware', ['ListOTAFirmware']);
  const confirm = async () => {
    await remove.mutateAsync({ FirmwareId: firmware.FirmwareId });
    notice(t.deleted(firmware.FirmwareName));
    go('/packages', { replace: true });
    forget({ FirmwareId: firmware.FirmwareId });
  };
  return (
    <FormDialog title={t.deleteTitle} submit={t.delete} danger onSubmit={confirm} onClose={onClose}>
      <p>
        <b>
          {firmware.FirmwareName} · {firmware.DestVersion}
        </b>
      </p>
      <p>{t.deleteText}</p>
    </FormDialog>
  );
}

function PackageFacts({ firmware }: { readonly firmware: Package }) {
  const t = useTexts(packagesTexts);
  const formats = useFormats();
  const files = firmware.MultiFiles ?? [];
  return (
    <>
      <Facts>
        <Fact name={t.product}>
          {firmware.ProductKey ? <ProductLink productKey={firmware.ProductKey} name={firmware.ProductName} /> : t.none}
        </Fact>
        <Fact name={t.module}>{firmware.ModuleName}</Fact>
        <Fact name={t.type}>{firmware.Type === 1 ? t.differentialFrom(firmware.SrcVersion) : t.full}</Fact>
        <Fact name={t.created}>
          <Time at={firmware.UtcCreate} />
        </Fact>
        <Fact name={t.changed}>
          <Time at={firmware.UtcModified} />
        </Fact>
        <Fact name={t.id}>
          <Copyable text={firmware.FirmwareId} />
        </Fact>
        {firmware.FirmwareDesc !== '' && <Fact name={t.description}>{firmware.FirmwareDesc}</Fact>}
        {firmware.Udi !== '' && (
          <Fact name={t.udi}>
            <code>{firmware.Udi}</code>
          </Fact>
        )}
      </Facts>
      <ul className="chosen-files">
        {firmware.FirmwareUrl !== undefined && (
          <PackageFile
            name={t.files(1)}
            size={firmware.FirmwareSize ?? 0}
            method={firmware.SignMethod}
            digest={firmware.FirmwareSign ?? ''}
            url={firmware.FirmwareUrl}
          />
        )}
        {files.map((file) => (
          <PackageFile
            key={file.Name}
            name={file.Name}
            size={file.Size}
            method={firmware.SignMethod}
            digest={file.SignValue}
            url={file.Url}
          />
        ))}
      </ul>
      {files.length > 0 && (
        <p className="soft small">{`${t.files(files.length)}, ${formats.bytes(files.reduce((sum, { Size }) => sum + Size, 0))}`}</p>
      )}
    </>
  );
}

interface PackageFileProps {
  readonly name: string;
  readonly size: number;
  readonly method: string;
  readonly digest: string;
  readonly url: string;
}

function PackageFile({ name, size, method, digest, url }: PackageFileProps) {
  const t = useTexts(packagesTexts);
  const formats = useFormats();
  return (
    <li>
      <div className="row">
        <b>{name}</b>
        <span className="soft">{formats.bytes(size)}</span>
        <a href={url} className="button" download>
          <Icon name="download" /> {t.download}
        </a>
      </div>
      <p className="small soft">
        {t.digest} {method} <Copyable text={digest} />
      </p>
    </li>
  );
}
