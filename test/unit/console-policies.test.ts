import { describe, expect, it } from 'vitest';
import { actions } from '../../src/contract/index.ts';
import { parsePolicy, permits, rightTo } from '../../src/domain/policy.ts';
import { kindOfPolicy, policyText, type ReadyPolicy } from '../../web/src/pages/settings/policies.ts';

/** Names of the operations that a user with a ready-made policy may call. */
function permitted(name: ReadyPolicy): Set<string> {
  const policy = parsePolicy(policyText(name));
  if (typeof policy === 'string') throw new Error(policy);
  return new Set(actions.filter((action) => permits(policy, rightTo(action), '1')).map((action) => action.name));
}

const ota = actions.filter((action) => rightTo(action).startsWith('iot:'));

describe('the policies that the console offers', () => {
  it('read only: whatever reads, and nothing that changes', () => {
    expect([...permitted('read')].sort()).toEqual(
      ota
        .filter(({ changes }) => changes === false)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('may roll out: packages, jobs and tasks, but no products, devices and groups', () => {
    const may = permitted('rollOut');
    for (const name of ['CreateOTAFirmware', 'GenerateOTAUploadURL', 'CreateOTAStaticUpgradeJob', 'ReupgradeOTATask'])
      expect(may, name).toContain(name);
    for (const name of ['CreateProduct', 'RegisterDevice', 'DeleteDevice', 'DeleteDeviceGroup', 'CreateWebhook'])
      expect(may, name).not.toContain(name);
  });

  it('everything for OTA: all but users, keys, webhooks and audit', () => {
    expect([...permitted('all')].sort()).toEqual(ota.map(({ name }) => name).sort());
  });

  it('are known again, however they are written', () => {
    expect(kindOfPolicy(JSON.stringify(JSON.parse(policyText('rollOut'))))).toBe('rollOut');
    expect([kindOfPolicy(''), kindOfPolicy('{}'), kindOfPolicy('{')]).toEqual(['none', 'own', 'own']);
  });
});
