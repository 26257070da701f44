import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signingKey } from '../../../src/domain/signing-keys.ts';
import { findUploadByUrl, type UploadGrant, useUploads } from '../../../src/domain/uploads.ts';
import { signPolicy } from '../../../src/wire/post-object.ts';
import { eachEngine } from '../../support/engines.ts';
import { chunk, fieldsOf, javaForm, type Part, post, requestHead } from './form.ts';
import type { RawAnswer } from './raw-client.ts';
import { createFileWorld, type FileWorld, nextTurn, scope } from './world.ts';

const BYTES = Buffer.from('hello firmware\r\n--oqXRAKyHhJkNiTCOZGTMAwZrTQkPL\0\xff\r\n', 'latin1');
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
const codeOf = (answer: RawAnswer) => `${answer.status} ${/<Code>(.*)<\/Code>/.exec(answer.body.toString())?.[1]}`;
const messageOf = (answer: RawAnswer) => /<Message>(.*)<\/Message>/.exec(answer.body.toString())?.[1];

eachEngine('form upload', (database) => {
  let world: FileWorld;
  let grant: UploadGrant;
  beforeEach(async () => {
    world = await createFileWorld(database);
    grant = await world.grant();
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
  });

  const withField = (name: string, value: string | undefined): Part[] =>
    fieldsOf(grant).flatMap((part): Part[] => (part[0] !== name ? [part] : value === undefined ? [] : [[name, value]]));
  /** A form with a policy of its own, rightly signed. */
  const withPolicy = (policy: string): Part[] => {
    const { secret } = signingKey(world.deps.vault, 'upload');
    return withField('policy', policy).map(
      (part): Part => (part[0] === 'signature' ? ['signature', signPolicy(secret, policy)] : part),
    );
  };
  const policyOf = (document: object) => Buffer.from(JSON.stringify(document)).toString('base64');
  const send = (parts: readonly Part[]) => world.ask(post(javaForm(parts)));
  const expectStored = async (bytes: Buffer, key = grant.key) => {
    expect(await world.row(key)).toMatchObject({ state: 'stored', size: bytes.length, md5: md5(bytes) });
    expect(bytes.equals(await buffer(await world.deps.blobs.read(key)))).toBe(true);
  };
  /** Resolves when so many bytes of a file are on the disk, on their way in. */
  const arrived = async (bytes: number) => {
    while (world.incomingBytes() < bytes) await nextTurn();
  };
  const expectNothing = async () => {
    await world.idle();
    expect(await world.row(grant.key)).toMatchObject({ state: 'granted', size: null, md5: null, sha256: null });
    expect(world.files()).toEqual({ objects: 0, leftovers: 0 });
    expect(world.faults).toEqual([]);
  };

  it('takes the bytes of the Java sample', async () => {
    const answer = await send([...fieldsOf(grant), ['file', BYTES]]);
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBe(0);
    expect(answer.headers).toMatchObject({
      Server: 'AliyunOSS',
      'Content-Length': '0',
      ETag: `"${md5(BYTES).toUpperCase()}"`,
      'x-oss-request-id': expect.stringMatching(/^[0-9A-F]{24}$/),
    });
    await expectStored(BYTES);
  });

  it('takes what fetch sends, with a filename', async () => {
    const form = new FormData();
    for (const [name, value] of fieldsOf(grant)) form.set(name, value as string);
    form.set('file', new Blob([BYTES]), 'firmware.bin');
    const { headers, body } = new Request('http://localhost', { method: 'POST', body: form });
    const bytes = await buffer(body as never);
    const answer = await world.ask(post(bytes, headers.get('content-type') as string));
    expect(answer.status).toBe(200);
    await expectStored(BYTES);
  });

  it('reads field names in any case, and AccessKeyId for OSSAccessKeyId', async () => {
    const parts: Part[] = [
      ['KEY', grant.key],
      ['Policy', grant.policy],
      ['AccessKeyId', grant.accessKeyId],
      ['Signature', grant.signature],
      ['File', BYTES],
    ];
    expect((await send(parts)).status).toBe(204);
    await expectStored(BYTES);
  });

  it('takes a device list', async () => {
    grant = await world.grant('device-list');
    expect(grant.key).toMatch(/\.csv$/);
    const names = Buffer.from('light1\r\nlight2\r\n');
    expect((await send([...fieldsOf(grant), ['file', names]])).status).toBe(200);
    await expectStored(names);
  });

  it('takes an empty file', async () => {
    expect((await send([...fieldsOf(grant), ['file', '']])).status).toBe(200);
    await expectStored(Buffer.alloc(0));
  });

  it('takes several megabytes', async () => {
    const bytes = randomBytes(9_000_001);
    expect((await send([...fieldsOf(grant), ['file', bytes]])).status).toBe(200);
    await expectStored(bytes);
  });

  it('ignores what comes after the file', async () => {
    const answer = await send([...fieldsOf(grant), ['file', BYTES], ['key', 'other'], ['submit', 'Upload']]);
    expect(answer.status).toBe(200);
    await expectStored(BYTES);
  });

  it.each([
    ['200', 200],
    ['204', 204],
    ['303', 204],
    ['', 204],
    [undefined, 204],
  ])('answers success_action_status %s with %d and no body', async (wanted, status) => {
    const answer = await send([...withField('success_action_status', wanted), ['file', BYTES]]);
    expect([answer.status, answer.body.length]).toEqual([status, 0]);
    await expectStored(BYTES);
  });

  it('answers success_action_status 201 with a document', async () => {
    const answer = await send([...withField('success_action_status', '201'), ['file', BYTES]]);
    expect(answer.status).toBe(201);
    expect(answer.headers['Content-Type']).toBe('application/xml');
    const etag = md5(BYTES).toUpperCase();
    expect(answer.body.toString()).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><PostResponse><Bucket>iotx-ota</Bucket><ETag>&quot;${etag}&quot;</ETag><Key>${grant.key}</Key><Location>${grant.url}</Location></PostResponse>`,
    );
  });

  it('makes no difference of how the bytes are cut', async () => {
    const request = post(javaForm([...fieldsOf(grant), ['file', BYTES]]));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(request.length - 1), { maxLength: 12 }), async (cuts) => {
        using client = await world.connect();
        client.socket.setNoDelay(true);
        let at = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), request.length]) {
          await client.send(request.subarray(at, cut));
          at = cut;
        }
        expect((await client.answer()).status).toBe(200);
        await expectStored(BYTES);
      }),
      { numRuns: 25 },
    );
  });

  describe('refuses, and keeps nothing of,', () => {
    afterEach(expectNothing);

    const flip = (text: string) => (text.startsWith('e') ? 'f' : 'e') + text.slice(1);

    it.each([
      ['a changed policy', () => withField('policy', flip(grant.policy)), '403 SignatureDoesNotMatch'],
      ['a changed signature', () => withField('signature', flip(grant.signature)), '403 SignatureDoesNotMatch'],
      ['an unknown access key', () => withField('OSSAccessKeyId', 'LTAInobody'), '403 InvalidAccessKeyId'],
      ['another key', () => withField('key', grant.key.replace('.bin', '.zip')), '403 AccessDenied'],
      ['no key', () => withField('key', undefined), '400 InvalidArgument'],
      ['an empty key', () => withField('key', ''), '400 InvalidArgument'],
      ['no access key', () => withField('OSSAccessKeyId', undefined), '400 InvalidArgument'],
      ['no signature', () => withField('signature', undefined), '400 InvalidArgument'],
      ['no policy', () => withField('policy', undefined), '400 InvalidArgument'],
      ['nobody', (): Part[] => [['key', grant.key]], '403 AccessDenied'],
      ['a policy that is no JSON', () => withPolicy('bm90IGpzb24='), '400 InvalidPolicyDocument'],
      ['a policy that is no base64', () => withPolicy('{"expiration"'), '400 InvalidPolicyDocument'],
      [
        'a policy without conditions',
        () => withPolicy(policyOf({ expiration: '2031-01-01T00:00:00Z' })),
        '400 InvalidPolicyDocument',
      ],
      ['a NUL in the key', () => withField('key', `${grant.key}\0`), '403 AccessDenied'],
    ])('%s', async (_name, parts, code) => {
      const answer = await send([...parts(), ['file', BYTES]]);
      expect(codeOf(answer)).toBe(code);
      expect(answer.headers).toMatchObject({
        'Content-Type': 'application/xml',
        'Content-Length': String(answer.body.length),
      });
      const id = answer.headers['x-oss-request-id'];
      expect(answer.body.toString()).toContain(`<RequestId>${id}</RequestId><HostId>ota.example.net</HostId>`);
    });

    const ranged = (min: number, max: number) =>
      withPolicy(
        policyOf({
          expiration: '2030-01-01T00:01:00.000Z',
          conditions: [
            ['content-length-range', min, max],
            ['eq', '$key', grant.key],
          ],
        }),
      );

    it('11 bytes where 10 are allowed', async () => {
      const answer = await send([...ranged(0, 10), ['file', 'hello world']]);
      expect(codeOf(answer)).toBe('400 EntityTooLarge');
    });

    it('9 bytes where 10 are the least', async () => {
      expect(codeOf(await send([...ranged(10, 20), ['file', '123456789']]))).toBe('400 EntityTooSmall');
    });

    it('a policy that permits no file at all', async () => {
      const policy = policyOf({ expiration: '2030-01-01T00:01:00Z', conditions: [{ key: grant.key }] });
      expect(codeOf(await send([...withPolicy(policy), ['file', BYTES]]))).toBe('400 EntityTooLarge');
    });

    it('a permission that has expired', async () => {
      await world.clock.advance(60_001);
      const answer = await send([...fieldsOf(grant), ['file', BYTES]]);
      expect(codeOf(answer)).toBe('403 AccessDenied');
      expect(messageOf(answer)).toBe('Invalid according to Policy: Policy expired.');
    });

    it('a file before the key', async () => {
      const answer = await send([['file', BYTES], ...fieldsOf(grant)]);
      expect(codeOf(answer)).toBe('400 InvalidArgument');
      expect(messageOf(answer)).toContain('please check the order of the fields');
    });

    it('no file', async () => {
      expect(codeOf(await send(fieldsOf(grant)))).toBe('400 IncorrectNumberOfFilesInPOSTRequest');
    });

    it('two files', async () => {
      const answer = await send([...fieldsOf(grant), ['file', BYTES], ['file', BYTES]]);
      expect(codeOf(answer)).toBe('400 IncorrectNumberOfFilesInPOSTRequest');
    });

    it.each(['application/json', 'multipart/mixed; boundary=x', 'multipart/form-datax', ''])(
      'content type "%s"',
      async (type) => {
        expect(codeOf(await world.ask(post(Buffer.from('{}'), type)))).toBe('400 RequestIsNotMultiPartContent');
      },
    );

    it.each([
      ['no boundary', 'multipart/form-data'],
      ['an endless boundary', `multipart/form-data; boundary=${'b'.repeat(300)}`],
      ['another boundary than announced', 'multipart/form-data; boundary=other'],
    ])('a form with %s', async (_name, type) => {
      const body = javaForm([...fieldsOf(grant), ['file', BYTES]]);
      expect(codeOf(await world.ask(post(body, type)))).toBe('400 MalformedPOSTRequest');
    });

    it.each([0, 1, 10, 30, 60, 100, 200])('a form that lacks its last %d bytes and more', async (missing) => {
      const body = javaForm([...fieldsOf(grant), ['file', BYTES]]).subarray(0, -3 - missing);
      expect(codeOf(await world.ask(post(body)))).toBe('400 MalformedPOSTRequest');
    });

    it('an empty body', async () => {
      expect(codeOf(await world.ask(post(Buffer.alloc(0))))).toBe('400 MalformedPOSTRequest');
    });

    it('a value over 2 MB', async () => {
      const answer = await send([
        ['comment', Buffer.alloc(2 * 1024 * 1024 + 1, 97)],
        ...fieldsOf(grant),
        ['file', BYTES],
      ]);
      expect(codeOf(answer)).toBe('400 FieldItemTooLong');
    });

    it('a name over 8 KB', async () => {
      const answer = await send([['n'.repeat(8193), 'x'], ...fieldsOf(grant), ['file', BYTES]]);
      expect(codeOf(answer)).toBe('400 FieldItemTooLong');
    });

    it('fields that add up to too much', async () => {
      const many = [1, 2, 3, 4, 5].map((n): Part => [`x${n}`, Buffer.alloc(1024 * 1024, 97)]);
      const answer = await send([...many, ...fieldsOf(grant), ['file', BYTES]]);
      expect(codeOf(answer)).toBe('400 MaxPOSTPreDataLengthExceededError');
    });

    it('thousands of fields', async () => {
      const many = Array.from({ length: 3_000 }, (_, n): Part => [`x${n}`, '']);
      expect(codeOf(await send([...many, ...fieldsOf(grant), ['file', BYTES]]))).toBe(
        '400 MaxPOSTPreDataLengthExceededError',
      );
    });

    it('an endless head of a part', async () => {
      using client = await world.connect();
      await client.send(requestHead('chunked'));
      await client.send(chunk(Buffer.from('--oqXRAKyHhJkNiTCOZGTMAwZrTQkPLO\r\nX-Long: ')));
      const answer = client.answer();
      for (let sent = 0; sent < 6; sent += 1) await client.send(chunk(Buffer.alloc(1024 * 1024, 97)));
      expect(codeOf(await answer)).toBe('400 MaxPOSTPreDataLengthExceededError');
    });

    it('much after the file', async () => {
      const much = [1, 2, 3].map((n): Part => [`x${n}`, Buffer.alloc(1_500_000, 97)]);
      const answer = await send([...fieldsOf(grant), ['file', BYTES], ...much]);
      expect(codeOf(answer)).toBe('400 MalformedPOSTRequest');
    });

    it('what is not permitted, before its file is sent', async () => {
      const body = javaForm([...withField('signature', 'x'), ['file', BYTES]]);
      using client = await world.connect();
      await client.send(requestHead(900_000_000));
      await client.send(body.subarray(0, body.indexOf(BYTES) + 5));
      expect(codeOf(await client.answer())).toBe('403 SignatureDoesNotMatch');
      // a client that does not stop is cut off
      await client.send(Buffer.alloc(1024 * 1024));
      await world.clock.advance(5_000);
      await client.closed;
    });

    it('what is announced to be too large, before its file is sent', async () => {
      const body = javaForm([...fieldsOf(grant), ['file', BYTES]]);
      using client = await world.connect();
      await client.send(requestHead(1_048_576_000 + 100_000));
      await client.send(body.subarray(0, body.indexOf(BYTES) + 5));
      expect(codeOf(await client.answer())).toBe('400 EntityTooLarge');
    });

    it('a device list over 40 MiB, while it is still being sent', async () => {
      grant = await world.grant('device-list');
      const body = javaForm([...fieldsOf(grant), ['file', BYTES]]);
      using client = await world.connect();
      await client.send(requestHead('chunked'));
      await client.send(chunk(body.subarray(0, body.indexOf(BYTES))));
      const megabyte = chunk(Buffer.alloc(1024 * 1024, 97));
      for (let sent = 0; sent < 40; sent += 1) await client.send(megabyte);
      const answer = client.answer();
      await client.send(chunk(Buffer.from('a')));
      expect(codeOf(await answer)).toBe('400 EntityTooLarge');
      for (let sent = 0; sent < 20; sent += 1) await client.send(megabyte); // still taken, and dropped
    });

    it.each([0, 40, 3_000_000])('an upload that breaks off after %d bytes of the file', async (sent) => {
      const body = javaForm([...fieldsOf(grant), ['file', randomBytes(4_000_000)]]);
      using client = await world.connect();
      await client.send(requestHead(body.length));
      await client.send(body.subarray(0, 1_500 + sent));
      await world.busy();
      client.socket.destroy();
    });

    it('an upload whose client only closes its half', async () => {
      const body = javaForm([...fieldsOf(grant), ['file', BYTES]]);
      using client = await world.connect();
      await client.send(requestHead(body.length));
      await client.send(body.subarray(0, -20));
      await world.busy();
      client.socket.end();
      await client.closed;
    });

    it('an upload whose client falls silent for a minute', async () => {
      const body = javaForm([...fieldsOf(grant), ['file', BYTES]]);
      using client = await world.connect();
      await client.send(requestHead(body.length));
      await client.send(body.subarray(0, -20));
      await arrived(10);
      await world.clock.advance(59_999);
      expect(world.files().leftovers).toBe(1);
      await world.clock.advance(1);
      await client.closed;
    });
  });

  it('lets a slow upload end that began in time', async () => {
    const bytes = randomBytes(600_000);
    const body = javaForm([...fieldsOf(grant), ['file', bytes]]);
    using client = await world.connect();
    await client.send(requestHead(body.length));
    await client.send(body.subarray(0, 200_000));
    await arrived(150_000);
    await world.clock.advance(50_000);
    await client.send(body.subarray(200_000, 400_000));
    await arrived(350_000);
    await world.clock.advance(50_000);
    await client.send(body.subarray(400_000));
    expect((await client.answer()).status).toBe(200);
    await expectStored(bytes);
  });

  it('serves the next request of a connection after a refusal', async () => {
    using client = await world.connect();
    await client.send(post(javaForm([...withField('signature', 'x'), ['file', BYTES]])));
    expect((await client.answer()).status).toBe(403);
    await client.send(post(javaForm([...fieldsOf(grant), ['file', BYTES]])));
    expect((await client.answer()).status).toBe(200);
    await expectStored(BYTES);
  });

  it('can be repeated, and replaces the file, until a package uses it', async () => {
    await send([...fieldsOf(grant), ['file', 'first']]);
    expect((await send([...fieldsOf(grant), ['file', BYTES]])).status).toBe(200);
    await expectStored(BYTES);
    await world.deps.engine.transaction((tx) => useUploads(tx, [grant.key]));
    const answer = await send([...fieldsOf(grant), ['file', 'third']]);
    expect(codeOf(answer)).toBe('409 FileAlreadyExists');
    expect(await world.row(grant.key)).toMatchObject({ state: 'used', size: BYTES.length, md5: md5(BYTES) });
    expect(BYTES.equals(await buffer(await world.deps.blobs.read(grant.key)))).toBe(true);
    expect(world.files()).toEqual({ objects: 1, leftovers: 0 });
  });

  it('never changes the bytes of a package, not even by an upload that began before it', async () => {
    const late = javaForm([...fieldsOf(grant), ['file', 'late and different']]);
    using client = await world.connect();
    await client.send(requestHead(late.length));
    await client.send(late.subarray(0, -10));
    await arrived(1);
    await send([...fieldsOf(grant), ['file', BYTES]]);
    await world.deps.engine.transaction(async (tx) => {
      const upload = await findUploadByUrl(tx, scope, world.deps.publicUrl, grant.url);
      await useUploads(tx, [upload?.key as string]);
    });
    await client.send(late.subarray(-10));
    expect(codeOf(await client.answer())).toBe('409 FileAlreadyExists');
    expect(await world.row(grant.key)).toMatchObject({ state: 'used', md5: md5(BYTES) });
    expect(BYTES.equals(await buffer(await world.deps.blobs.read(grant.key)))).toBe(true);
  });

  it('keeps row and bytes together when the same form is sent several times at once', async () => {
    const bodies = [1, 2, 3, 4, 5].map((n) => randomBytes(n * 100_000));
    const answers = await Promise.all(bodies.map((bytes) => send([...fieldsOf(grant), ['file', bytes]])));
    expect(answers.map((answer) => answer.status)).toContain(200);
    for (const answer of answers) if (answer.status !== 200) expect(codeOf(answer)).toBe('409 FileAlreadyExists');
    const kept = await buffer(await world.deps.blobs.read(grant.key));
    await expectStored(kept);
    expect(world.files()).toEqual({ objects: 1, leftovers: 0 });
  });

  it('answers InternalError, and logs why, when the store fails', async () => {
    rmSync(join(world.folder, 'tmp'), { recursive: true });
    expect(codeOf(await send([...fieldsOf(grant), ['file', BYTES]]))).toBe('500 InternalError');
    expect(world.faults).toHaveLength(1);
    expect(await world.row(grant.key)).toMatchObject({ state: 'granted' });
  });
});
