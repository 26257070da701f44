import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { createFirmware, removeFirmware } from '../../../src/domain/firmware.ts';
import { signingKey } from '../../../src/domain/signing-keys.ts';
import { findUploadByUrl, grantUpload, sweepUploads, useUploads } from '../../../src/domain/uploads.ts';
import { readPolicy, signPolicy } from '../../../src/wire/post-object.ts';
import { eachEngine } from '../../support/engines.ts';
import { TEST_START } from '../../support/test-clock.ts';
import { createFileWorld, type FileWorld, scope } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

eachEngine('uploads', (database) => {
  let world: FileWorld;
  beforeEach(async () => {
    world = await createFileWorld(database);
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
  });

  const sweep = () => sweepUploads(world.deps);
  const use = (key: string) => world.deps.engine.transaction((tx) => useUploads(tx, [key]));
  const stateOf = async (key: string) => (await world.row(key))?.state;
  const find = (url: string, instanceId = scope.instanceId) =>
    world.deps.engine.transaction((tx) => findUploadByUrl(tx, { instanceId }, world.deps.publicUrl, url));

  describe('a grant', () => {
    it('permits one object for one minute', async () => {
      const grant = await grantUpload(world.deps, scope, { kind: 'firmware', suffix: 'tar.gz' });
      const folder = createHash('sha256').update('account').digest('hex').slice(0, 32);
      expect(grant.key).toMatch(new RegExp(`^ota/${folder}/ck[0-9a-z]{23}\\.tar\\.gz$`));
      expect(grant.url).toBe(`${grant.host}/${grant.key}`);
      expect(grant).toMatchObject({ host: 'https://ota.example.net', createdAt: TEST_START });
      expect(readPolicy(grant.policy)).toEqual({
        expiresAt: TEST_START + MINUTE,
        conditions: [{ operator: 'eq', field: 'key', value: grant.key }],
        range: { min: 0, max: 1_048_576_000 },
      });
      const { accessKeyId, secret } = signingKey(world.deps.vault, 'upload');
      expect([grant.accessKeyId, grant.signature]).toEqual([accessKeyId, signPolicy(secret, grant.policy)]);
      expect(await world.row(grant.key)).toMatchObject({ state: 'granted', instance_id: 'instance', kind: 'firmware' });
    });

    it('of a device list permits 5 MB of CSV', async () => {
      const grant = await world.grant('device-list');
      expect(grant.key).toMatch(/\.csv$/);
      expect(readPolicy(grant.policy)?.range).toEqual({ min: 0, max: 41_943_040 });
    });

    it.each(['exe', 'BIN', '', '.bin', 'csv', 'bin/../x'])('is refused for suffix "%s"', async (suffix) => {
      const grant = grantUpload(world.deps, scope, { kind: 'firmware', suffix });
      await expect(grant).rejects.toEqual(new Failure('firmware.invalidUploadParameter'));
    });
  });

  it('grants no upload whose file devices could not fetch', async () => {
    const deps = { ...world.deps, publicUrl: `https://${'long.'.repeat(30)}example.net` };
    const grant = grantUpload(deps, scope, { kind: 'firmware', suffix: 'bin' });
    await expect(grant).rejects.toMatchObject({ key: 'firmware.uploadUrlFailed' });
  });

  describe('an address', () => {
    it('finds its upload, whatever query it has', async () => {
      const { key } = await world.store(Buffer.from('x'));
      const url = `${world.deps.publicUrl}/${key}`;
      for (const text of [url, `${url}?Expires=1&Signature=2`, `${url}#x`, url.replace('https://ota', 'HTTPS://OTA')]) {
        expect(await find(text)).toMatchObject({ key, size: 1, state: 'stored' });
      }
    });

    it('finds nothing elsewhere, of another instance, or that is not an object', async () => {
      const { key } = await world.store(Buffer.from('x'));
      const url = `${world.deps.publicUrl}/${key}`;
      expect(await find(url, 'other instance')).toBeUndefined();
      for (const text of [
        url.replace('https', 'http'),
        url.replace('example', 'sample'),
        url.replace('.net', '.net:8443'),
        url.replace('.bin', '.zip'),
        `${url}/`,
        url.replace('.bin', '%00.bin'),
        url.replace('/ota/', '//ota/'),
        'nonsense',
        '',
      ]) {
        expect(await find(text)).toBeUndefined();
      }
    });
  });

  describe('the sweeper', () => {
    it('removes a file that no package used within an hour of its upload', async () => {
      const [unused, used] = [await world.store(Buffer.from('unused')), await world.store(Buffer.from('used'))];
      await use(used.key);
      await world.clock.advance(HOUR);
      await sweep();
      expect(await stateOf(unused.key)).toBe('stored');
      await world.clock.advance(1);
      await sweep();
      expect(await stateOf(unused.key)).toBeUndefined();
      expect(await stateOf(used.key)).toBe('used');
      expect(world.files()).toEqual({ objects: 1, leftovers: 0 });
      expect(await world.deps.blobs.head(used.key)).toEqual({ size: 4 });
    });

    it('forgets a grant that was never used, when no upload can be under way any more', async () => {
      const { key } = await world.grant();
      await world.clock.advance(DAY);
      await sweep();
      expect(await stateOf(key)).toBe('granted');
      await world.clock.advance(1);
      await sweep();
      expect(await stateOf(key)).toBeUndefined();
    });

    it('takes any number in its batches', async () => {
      for (let made = 0; made < 230; made += 1) await world.grant();
      const kept = await world.store(Buffer.from('x'));
      await use(kept.key);
      await world.clock.advance(DAY + 1);
      await sweep();
      const rows = await world.deps.engine.read.selectFrom('upload').select('key').execute();
      expect(rows).toEqual([{ key: kept.key }]);
      const leases = await world.deps.engine.read.selectFrom('lease').selectAll().execute();
      expect(leases).toEqual([]);
    });

    it('can be cut off between database and blob store: no package gets the file, and a later round ends it', async () => {
      const { key } = await world.store(Buffer.from('x'));
      const { key: next } = await world.store(Buffer.from('y'));
      await world.clock.advance(HOUR + 1);
      const dying = {
        ...world.deps.blobs,
        delete: () => Promise.reject(new Error('the process died')),
      };
      await expect(sweepUploads({ ...world.deps, blobs: dying })).rejects.toThrow('the process died');
      const states = [await stateOf(key), await stateOf(next)];
      expect(states.toSorted()).toEqual(['granted', 'stored']);
      expect(await find(`${world.deps.publicUrl}/${states[0] === 'granted' ? key : next}`)).toMatchObject({
        size: null,
      });
      await sweep();
      expect(world.files().objects).toBe(1);
      await world.clock.advance(DAY);
      await sweep();
      expect([await stateOf(key), await stateOf(next), world.files().objects]).toEqual([undefined, undefined, 0]);
    });

    it('runs several times at once without harm', async () => {
      for (let made = 0; made < 10; made += 1) await world.store(Buffer.from(`file ${made}`));
      await world.clock.advance(HOUR + 1);
      await Promise.all([sweep(), sweep(), sweep()]);
      await sweep();
      expect(world.files()).toEqual({ objects: 0, leftovers: 0 });
      expect(await world.deps.engine.read.selectFrom('upload').select('key').execute()).toEqual([]);
    });
  });

  describe('the file of a package', () => {
    const create = (key: string, name: string) =>
      createFirmware(world.deps, scope, { name, destVersion: '1', url: `${world.deps.publicUrl}/${key}` });

    it('stays for the life of a download URL after the package was deleted', async () => {
      const { key } = await world.store(Buffer.from('x'));
      const { id } = await create(key, 'package');
      await world.clock.advance(30 * DAY);
      await sweep();
      expect(await stateOf(key)).toBe('used');
      await removeFirmware(world.deps, scope, id);
      await world.clock.advance(DAY);
      await sweep();
      expect(await world.deps.blobs.head(key)).toEqual({ size: 1 });
      await world.clock.advance(1);
      await sweep();
      expect(await world.deps.blobs.head(key)).toBeUndefined();
    });

    it('stays as long as another package has it', async () => {
      const { key } = await world.store(Buffer.from('x'));
      const { id } = await create(key, 'package');
      await create(key, 'twin');
      await removeFirmware(world.deps, scope, id);
      await world.clock.advance(30 * DAY);
      await sweep();
      expect(await stateOf(key)).toBe('used');
    });

    it('cannot be one that was never uploaded, or was swept', async () => {
      const { key } = await world.grant();
      await expect(create(key, 'package')).rejects.toEqual(new Failure('firmware.unknownUrl'));
      const stored = await world.store(Buffer.from('x'));
      await world.clock.advance(HOUR + 1);
      await sweep();
      await expect(create(stored.key, 'package')).rejects.toEqual(new Failure('firmware.unknownUrl'));
    });
  });
});
