import { useState } from 'react';
import { useLocation } from 'wouter';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer, useForget, useRefresh } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable, Secret } from '../../ui/copy.tsx';
import { Card, Fact, Facts, Page } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { Time } from '../../ui/time.tsx';
import { Unavailable } from '../../ui/unavailable.tsx';
import { ProductLink } from '../common/product-link.tsx';
import { deviceAnswers } from './bulk-dialog.tsx';
import { DeviceConnect } from './device-connect.tsx';
import { type DeviceChange, DeviceDialog, NicknameDialog } from './device-dialogs.tsx';
import { DeviceGroups } from './device-groups.tsx';
import { DeviceHistory } from './device-history.tsx';
import { DeviceTags } from './device-tags.tsx';
import { OpenTasks, PastJobs } from './device-tasks.tsx';
import { DeviceVersions } from './device-versions.tsx';
import { oneDeviceTexts } from './one-device-texts.ts';

type Detail = AnswerOf<'QueryDeviceDetail'>['Data'];

export function DevicePage({ productKey, name }: { readonly productKey: string; readonly name: string }) {
  const t = useTexts(oneDeviceTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  const forget = useForget();
  const refresh = useRefresh();
  const [open, setOpen] = useState<DeviceChange | 'nickname'>();
  const selector = { ProductKey: productKey, DeviceName: name };
  const { data, error, refetch } = useAnswer('QueryDeviceDetail', selector, { every: 5_000 });
  const device = data?.Data;
  const list = `/devices?product=${productKey}`;
  const above = [
    { href: list, name: t.devices },
    ...(device && may('QueryProduct') ? [{ href: `/products/${productKey}`, name: device.ProductName }] : []),
  ];
  if (!device)
    return (
      <Page title={name} above={above}>
        <Unavailable
          error={error}
          onRetry={() => void refetch()}
          unknown={t.unknown}
          list={{ href: list, name: t.toDevices }}
        />
      </Page>
    );

  const disabled = device.Status === 'DISABLE';
  const tool = (change: DeviceChange) => (
    <button type="button" className={change === 'delete' ? 'button danger' : 'button'} onClick={() => setOpen(change)}>
      {t[change]}
    </button>
  );
  return (
    <Page
      title={name}
      above={above}
      aside={<Status of="device" status={device.Status} />}
      tools={
        <>
          {may('BatchUpdateDeviceNickname') && (
            <button type="button" className="button" onClick={() => setOpen('nickname')}>
              {t.editNickname}
            </button>
          )}
          {disabled && may('EnableThing') && tool('enable')}
          {!disabled && may('DisableThing') && tool('disable')}
          {may('ResetThing') && tool('reset')}
          {may('DeleteDevice') && tool('delete')}
        </>
      }
    >
      <About device={device} />
      <Card title={t.credentials}>
        <p className="soft">{t.credentialsText}</p>
        <Facts>
          <Fact name="ProductKey">
            <Copyable text={productKey} />
          </Fact>
          <Fact name="DeviceName">
            <Copyable text={name} />
          </Fact>
          <Fact name="DeviceSecret">
            <Secret text={device.DeviceSecret} />
          </Fact>
        </Facts>
      </Card>
      <DeviceConnect device={{ productKey, deviceName: name, deviceSecret: device.DeviceSecret }} />
      {may('ListOTAUnfinishedTaskByDevice') && <OpenTasks productKey={productKey} name={name} />}
      <div className="cards">
        {may('ListOTAModuleVersionsByDevice') && <DeviceVersions productKey={productKey} name={name} />}
        {may('QueryDeviceProp') && <DeviceTags productKey={productKey} name={name} />}
        {may('QueryDeviceGroupByDevice') && <DeviceGroups productKey={productKey} name={name} />}
      </div>
      {may('ListDeviceStatusHistory') && (
        <DeviceHistory productKey={productKey} name={name} isActivated={Boolean(device.UtcActive)} />
      )}
      {may('ListOTAFirmware', 'ListOTAJobByDevice') && <PastJobs productKey={productKey} name={name} />}
      {open === 'nickname' && <NicknameDialog device={device} onClose={() => setOpen(undefined)} />}
      {open && open !== 'nickname' && (
        <DeviceDialog
          change={open}
          productKey={productKey}
          name={name}
          onClose={() => setOpen(undefined)}
          onDeleted={() => {
            navigate(list, { replace: true });
            forget(selector);
            void refresh(deviceAnswers);
          }}
        />
      )}
    </Page>
  );
}

function About({ device }: { readonly device: Detail }) {
  const t = useTexts(oneDeviceTexts);
  const may = useMay();
  const selector = { ProductKey: device.ProductKey, DeviceName: device.DeviceName };
  const state = useAnswer('GetDeviceStatus', selector, { every: 5_000, when: may('GetDeviceStatus') });
  const time = (at: string | number | undefined) => (at ? <Time at={at} /> : t.never);
  return (
    <Card title={t.about}>
      <Facts>
        <Fact name={t.product}>
          <ProductLink productKey={device.ProductKey} name={device.ProductName} />
        </Fact>
        <Fact name={t.nickname}>{device.Nickname || '–'}</Fact>
        {state.data && <Fact name={t.since}>{time(state.data.Data.Timestamp)}</Fact>}
        <Fact name={t.lastOnline}>{time(device.UtcOnline)}</Fact>
        <Fact name={t.firstOnline}>{time(device.UtcActive)}</Fact>
        <Fact name={t.registered}>{time(device.UtcCreate)}</Fact>
        <Fact name={t.address}>{device.IpAddress || '–'}</Fact>
        <Fact name={t.iotId}>
          <Copyable text={device.IotId} />
        </Fact>
      </Facts>
    </Card>
  );
}
