import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUCKET } from '../../../src/contract/object-storage.ts';
import { checkDownload, downloadUrl } from '../../../src/domain/downloads.ts';
import { signingKey } from '../../../src/domain/signing-keys.ts';
import { readTarget } from '../../../src/http/download.ts';
import { insertUpload } from '../../../src/store/queries/uploads.ts';
import { makeDownloadUrl } from '../../../src/wire/download-url.ts';
import { eachEngine } from '../../support/engines.ts';
import { TEST_START } from '../../support/test-clock.ts';
import type { RawAnswer } from './raw-client.ts';
import { createFileWorld, type FileWorld, nextTurn, scope } from './world.ts';

const DAY = 86_400_000;
const codeOf = (answer: RawAnswer) => `${answer.status} ${/<Code>(.*)<\/Code>/.exec(answer.body.toString())?.[1]}`;
const messageOf = (answer: RawAnswer) => /<Message>(.*)<\/Message>/.exec(answer.body.toString())?.[1];

eachEngine('download', (database) => {
  const bytes = randomBytes(300_000);
  let world: FileWorld;
  let key: string;
  let etag: string;
  /** Path and query, as on the request line. */
  let target: string;
  beforeEach(async () => {
    world = await createFileWorld(database);
    const stored = await world.store(bytes);
    key = stored.key;
    etag = `"${stored.md5.toUpperCase()}"`;
    target = targetOf(key);
  });
  afterEach(async () => {
    await world.idle();
    expect(world.faults).toEqual([]);
    await world[Symbol.asyncDispose]();
  });

  const targetOf = (name: string) => downloadUrl(world.deps, name).slice(world.deps.publicUrl.length);
  const request = (method: string, path: string, ...headers: string[]) =>
    [`${method} ${path} HTTP/1.1`, 'Host: ota.example.net', ...headers, '', ''].join('\r\n');
  const get = (path = target, ...headers: string[]) => world.ask(request('GET', path, ...headers));
  const without = (name: string) => target.replace(new RegExp(`(?<=[?&])${name}=[^&]*&?`), '');

  it('gives the whole file with 200', async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(bytes.equals(answer.body)).toBe(true);
    expect(answer.headers['Content-Range']).toBeUndefined();
  });

  it.each([
    ['bytes=0-', 0, 299_999],
    ['bytes=0-0', 0, 0],
    ['bytes=100-199', 100, 199],
    ['bytes=299999-', 299_999, 299_999],
    ['bytes=200000-999999', 200_000, 299_999],
    ['bytes=-5', 299_995, 299_999],
    ['bytes=-999999', 0, 299_999],
  ])('gives Range %s with 206', async (range, start, end) => {
    const answer = await get(target, `Range: ${range}`);
    expect(answer.status).toBe(206);
    expect(answer.headers).toMatchObject({
      'Content-Length': String(end - start + 1),
      'Content-Range': `bytes ${start}-${end}/300000`,
      'Accept-Ranges': 'bytes',
      ETag: etag,
    });
    expect(bytes.subarray(start, end + 1).equals(answer.body)).toBe(true);
  });

  it.each(['bytes=0-1,5-6', 'bytes=9-3', 'bytes=x-', 'octets=0-1', 'bytes=-'])(
    'passes over Range %s',
    async (range) => {
      const answer = await get(target, `Range: ${range}`);
      expect([answer.status, answer.body.length]).toEqual([200, 300_000]);
      expect(answer.headers['Content-Range']).toBeUndefined();
    },
  );

  it.each(['bytes=300000-', 'bytes=300001-400000', 'bytes=-0'])('refuses Range %s with 416', async (range) => {
    const answer = await get(target, `Range: ${range}`);
    expect(codeOf(answer)).toBe('416 InvalidRange');
    expect(answer.headers['Content-Range']).toBe('bytes */300000');
    expect(answer.headers['Content-Length']).toBe(String(answer.body.length));
  });

  it('gives a range only of the version that the client has begun with', async () => {
    expect((await get(target, 'Range: bytes=5-', `If-Range: ${etag}`)).status).toBe(206);
    expect((await get(target, 'Range: bytes=5-', 'If-Range: "other"')).status).toBe(200);
    expect((await get(target, 'Range: bytes=5-', 'If-Range: Tue, 01 Jan 2030 00:00:00 GMT')).status).toBe(200);
  });

  it.each([
    ['no Range', [], 200, '300000'],
    ['a Range', ['Range: bytes=10-19'], 206, '10'],
    ['a Range past the end', ['Range: bytes=300000-'], 416, undefined],
  ])('answers HEAD with %s like GET, without a body', async (_name, headers, status, length) => {
    using client = await world.connect();
    await client.send(request('HEAD', target, ...headers));
    const head = await client.answer({ noBody: true });
    expect(head.status).toBe(status);
    if (length !== undefined) expect(head.headers['Content-Length']).toBe(length);
    // the next answer begins right after it
    await client.send(request('GET', target, ...headers));
    const answer = await client.answer();
    expect(answer.headers['Content-Length']).toBe(head.headers['Content-Length']);
    expect(answer.headers['Content-Range']).toBe(head.headers['Content-Range']);
  });

  it('keeps to the header form that old devices need', async () => {
    for (const headers of [
      [],
      ['Range: bytes=0-', 'Accept-Encoding: gzip, deflate', 'Content-Length: 0'],
      ['Range: bytes=999999-'],
      ['Connection: close'],
    ]) {
      const { head } = await get(target, ...headers);
      expect(Buffer.byteLength(head, 'latin1')).toBeLessThan(600);
      for (const line of head.split('\r\n')) expect(line.length).toBeLessThan(126);
      expect(head).toMatch(/^HTTP\/1\.1 \d{3} /);
      expect(head).toMatch(/\r\nContent-Length: \d+\r\n/);
      expect(head.match(/content-length/gi)).toHaveLength(1);
      expect(head).not.toMatch(/transfer-encoding|content-encoding|location|set-cookie|access-control/i);
    }
    const { head } = await get(target, 'Range: bytes=0-');
    const names = head.split('\r\n').flatMap((line) => /^([^:]+): /.exec(line)?.[1] ?? []);
    expect(names).toEqual([
      'Content-Type',
      'Content-Length',
      'Content-Range',
      'Accept-Ranges',
      'ETag',
      'x-oss-request-id',
      'Date',
      'Connection',
      'Keep-Alive',
    ]);
  });

  it('makes URLs of at most 254 characters, good for 24 hours', async () => {
    const url = downloadUrl(world.deps, key);
    expect(url.length).toBeLessThan(210);
    await world.clock.advance(DAY);
    expect((await get()).status).toBe(200);
    await world.clock.advance(1_000);
    const answer = await get();
    expect(codeOf(answer)).toBe('403 AccessDenied');
    expect(messageOf(answer)).toBe('Request has expired.');
    const long = { ...world.deps, publicUrl: `https://${'long.'.repeat(30)}example.net` };
    expect(() => downloadUrl(long, key)).toThrow(RangeError);
  });

  it('reads the parameters in any order, and the first of repeated ones', async () => {
    const [path, query = ''] = target.split('?');
    expect((await get(`${path}?${query.split('&').reverse().join('&')}`)).status).toBe(200);
    expect((await get(`${target}&Expires=1&Signature=x`)).status).toBe(200);
    expect((await get(`${path?.replaceAll('ota', '%6Fta')}?${query}`)).status).toBe(200);
  });

  describe('refuses', () => {
    it.each([
      ['no query', () => target.split('?')[0] ?? '', 'AccessDenied', 'Query-string authentication requires'],
      ['no Signature', () => without('Signature'), 'AccessDenied', 'Query-string authentication requires'],
      ['no Expires', () => without('Expires'), 'AccessDenied', 'Query-string authentication requires'],
      ['no OSSAccessKeyId', () => without('OSSAccessKeyId'), 'AccessDenied', 'Query-string authentication requires'],
      [
        'Expires that is no number',
        () => target.replace(/Expires=\d+/, 'Expires=soon'),
        'AccessDenied',
        'Invalid date',
      ],
      [
        'another time',
        () => target.replace(/Expires=\d/, 'Expires=2'),
        'SignatureDoesNotMatch',
        'The request signature',
      ],
      ['a past time', () => target.replace(/Expires=\d+/, 'Expires=1'), 'AccessDenied', 'Request has expired.'],
      [
        'another signer',
        () => target.replace(/KeyId=\w+/, 'KeyId=LTAInobody'),
        'InvalidAccessKeyId',
        'The OSS Access Key',
      ],
      ['another signature', () => target.replace(/Signature=./, 'Signature=.'), 'SignatureDoesNotMatch', 'The request'],
      ['another object', () => target.replace('.bin', '.zip'), 'SignatureDoesNotMatch', 'The request signature'],
      ['a broken name', () => target.replace('.bin', '%ff'), 'SignatureDoesNotMatch', 'The request signature'],
    ])('%s with 403', async (_name, path, code, message) => {
      const answer = await get(path());
      expect(codeOf(answer)).toBe(`403 ${code}`);
      expect(messageOf(answer)).toContain(message);
      expect(answer.headers).toMatchObject({
        'Content-Type': 'application/xml',
        'Content-Length': String(answer.body.length),
        'x-oss-request-id': expect.stringMatching(/^[0-9A-F]{24}$/),
      });
    });

    it('an object that was never stored, or no longer is, with 404', async () => {
      const { key: granted } = await world.grant();
      for (const name of [granted, granted.replace('.bin', '.zip'), '../../etc/passwd', 'ota/\0']) {
        expect(codeOf(await get(targetOf(name)))).toBe('404 NoSuchKey');
      }
    });

    it('an object whose bytes are missing with 404, and logs it', async () => {
      await world.deps.blobs.delete(key);
      expect(codeOf(await get())).toBe('404 NoSuchKey');
      expect(world.faults.splice(0)).toHaveLength(1);
    });

    it('the pair of uploads', async () => {
      const pair = signingKey(world.deps.vault, 'upload');
      const url = makeDownloadUrl({
        origin: '',
        key,
        ...pair,
        bucket: BUCKET,
        expiresAtSeconds: TEST_START / 1000 + 60,
      });
      expect(codeOf(await get(url))).toBe('403 InvalidAccessKeyId');
    });
  });

  it('accepts the published example of a signed URL (vector G1)', async () => {
    const pair = { accessKeyId: 'LTAItestAccessKeyId', secret: 'testAccessKeySecret' };
    const url =
      'https://iotx-ota.oss-cn-shanghai.aliyuncs.com/ota/0123456789abcdef0123456789abcdef/cktestobject0000000000000.bin?Expires=1893456000&OSSAccessKeyId=LTAItestAccessKeyId&Signature=X8WFcwXBidWhdiLtucmsDkz%2B2R4%3D';
    const read = readTarget(url.slice(new URL(url).origin.length));
    await world.deps.engine.transaction((tx) =>
      insertUpload(tx.db, {
        key: 'ota/0123456789abcdef0123456789abcdef/cktestobject0000000000000.bin',
        instance_id: scope.instanceId,
        kind: 'firmware',
        state: 'used',
        size: 5,
        md5: 'd41d',
        sha256: 'e3b0',
        created_at: TEST_START,
        stored_at: TEST_START,
      }),
    );
    expect(await checkDownload(world.deps, pair, read.key, read.query)).toEqual({
      key: read.key,
      size: 5,
      md5: 'd41d',
    });
    await world.clock.advance(1);
    await expect(checkDownload(world.deps, pair, read.key, read.query)).rejects.toThrow('urlExpired');
  });

  it('gives an empty file', async () => {
    const empty = await world.store(Buffer.alloc(0));
    const answer = await get(targetOf(empty.key));
    expect([answer.status, answer.headers['Content-Length']]).toEqual([200, '0']);
    expect((await get(targetOf(empty.key), 'Range: bytes=0-')).status).toBe(416);
  });

  it('serves one request after the other on a connection', async () => {
    using client = await world.connect();
    for (let start = 0; start < bytes.length; start += 100_000) {
      await client.send(request('GET', target, `Range: bytes=${start}-${start + 99_999}`));
      expect(bytes.subarray(start, start + 100_000).equals((await client.answer()).body)).toBe(true);
    }
    await client.send(request('GET', target.replace('Signature=', 'Signature=x')));
    expect((await client.answer()).status).toBe(403);
    await client.send(request('GET', target));
    expect((await client.answer()).status).toBe(200);
  });

  it('serves a client that reads in its own time', async () => {
    const large = randomBytes(12_000_000);
    const stored = await world.store(large);
    using client = await world.connect();
    client.socket.pause();
    await client.send(request('GET', targetOf(stored.key)));
    while (world.openFiles() === 0) await nextTurn();
    // what no buffer holds waits for the client
    for (let turn = 0; turn < 100; turn += 1) await nextTurn();
    expect(world.openFiles()).toBe(1);
    client.socket.resume();
    expect(large.equals((await client.answer()).body)).toBe(true);
  });

  it('gives a client up that takes nothing for five minutes', async () => {
    const stored = await world.store(randomBytes(12_000_000));
    using client = await world.connect();
    client.socket.pause();
    await client.send(request('GET', targetOf(stored.key)));
    while (world.openFiles() === 0) await nextTurn();
    while (world.openFiles() > 0) await world.clock.advance(5 * 60_000);
    await world.idle();
  });

  it('closes the file when the client leaves', async () => {
    const stored = await world.store(randomBytes(12_000_000));
    for (let round = 0; round < 5; round += 1) {
      using client = await world.connect();
      client.socket.pause();
      await client.send(request('GET', targetOf(stored.key)));
      while (world.openFiles() === 0) await nextTurn();
      if (round % 2 === 0) client.socket.resetAndDestroy();
      else client.socket.destroy();
      await world.idle();
    }
  });
});
