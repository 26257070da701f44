import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobNotFound, type BlobStore, BlobTooLarge, BlobTooSmall } from '../../../src/blob/blob-store.ts';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { type S3Server, startS3Server } from '../../support/s3-server.ts';

const KEY = 'ota/0123456789abcdef0123456789abcdef/cktestobject0000000000000.bin';
const MiB = 1024 * 1024;

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

/** The bytes in pieces of one size, as a socket gives them. */
async function* pieces(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What a store keeps besides published objects. */
interface Peer extends AsyncDisposable {
  open(): Promise<BlobStore>;
  /** Number of published objects. */
  objects(): number;
  /** Number of things that are neither published nor gone. */
  leftovers(): number;
  /** Makes a leftover of an upload whose process died at that time. */
  abandon(at: number): Promise<void>;
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}

async function diskPeer(): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'otaru blobs %41#'));
  return {
    open: () => openBlobStore(`file:${folder}`),
    objects: () => files(folder).filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{64}$/.test(name)).length,
    leftovers: () => files(folder).filter((name) => !/^[0-9a-f]{2}\//.test(name)).length,
    async abandon(at) {
      const path = join(folder, 'tmp', randomBytes(4).toString('hex'));
      writeFileSync(path, 'half of it');
      utimesSync(path, at / 1000, at / 1000);
    },
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}

async function s3Peer(): Promise<Peer & { readonly server: S3Server }> {
  const server = await startS3Server();
  return {
    server,
    open: () => openBlobStore(server.url, server.credentials),
    objects: () => server.objects.size,
    leftovers: () => server.uploads.size,
    async abandon(at) {
      server.uploads.set(randomBytes(4).toString('hex'), { key: KEY, parts: new Map(), beganAt: at });
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe.each([
  { name: 'disk', start: diskPeer },
  { name: 'S3', start: s3Peer },
])('blob store: $name', ({ start }) => {
  let peer: Peer;
  let blobs: BlobStore;
  beforeEach(async () => {
    peer = await start();
    blobs = await peer.open();
  });
  afterEach(async () => {
    await blobs[Symbol.asyncDispose]();
    await peer[Symbol.asyncDispose]();
  });

  const readAll = async (key: string, range?: { start: number; end: number }) => {
    const bytes = await buffer(await blobs.read(key, range));
    const lent: Buffer[] = [];
    for await (const piece of await blobs.pieces(key, range)) lent.push(Buffer.from(piece));
    expect(Buffer.concat(lent).equals(bytes)).toBe(true);
    return bytes;
  };

  it.each([
    ['nothing', 0],
    ['one byte', 1],
    ['a piece', 64 * 1024],
    ['a part of an upload', 8 * MiB],
    ['a part and a byte', 8 * MiB + 1],
    ['several parts', 20 * MiB + 7],
  ])('gives back what it got, and its digests: %s', async (_name, size) => {
    const bytes = randomBytes(size);
    const stored = await blobs.put(KEY, pieces(bytes), { maxBytes: size });
    expect(stored).toEqual({ size, md5: digest('md5', bytes), sha256: digest('sha256', bytes) });
    expect(await blobs.head(KEY)).toEqual({ size });
    expect(digest('sha256', await readAll(KEY))).toBe(stored.sha256);
    expect([peer.objects(), peer.leftovers()]).toEqual([1, 0]);
  });

  it('reads ranges, both ends included', async () => {
    const bytes = randomBytes(3 * MiB);
    await blobs.put(KEY, pieces(bytes), { maxBytes: bytes.length });
    for (const [start, end] of [
      [0, 0],
      [0, bytes.length - 1],
      [1, 100_000],
      [bytes.length - 1, bytes.length - 1],
      [MiB - 1, 2 * MiB],
    ] as const) {
      expect(bytes.subarray(start, end + 1).equals(await readAll(KEY, { start, end }))).toBe(true);
    }
  });

  it('knows no object that was not stored', async () => {
    expect(await blobs.head(KEY)).toBeUndefined();
    await expect(blobs.read(KEY)).rejects.toThrow(BlobNotFound);
    await expect(blobs.pieces(KEY)).rejects.toThrow(BlobNotFound);
    await expect(blobs.read(KEY, { start: 0, end: 1 })).rejects.toThrow(BlobNotFound);
    await blobs.delete(KEY);
  });

  it('forgets a deleted object', async () => {
    await blobs.put(KEY, pieces(Buffer.from('x')), { maxBytes: 1 });
    await blobs.delete(KEY);
    expect(await blobs.head(KEY)).toBeUndefined();
    expect(peer.objects()).toBe(0);
  });

  it('replaces an object of the same key', async () => {
    await blobs.put(KEY, pieces(Buffer.from('old and long')), { maxBytes: 100 });
    await blobs.put(KEY, pieces(Buffer.from('new')), { maxBytes: 100 });
    expect((await readAll(KEY)).toString()).toBe('new');
    expect(peer.objects()).toBe(1);
  });

  it.each(['a', 'A-b_c.d/..e/f..', 'a'.repeat(512)])('takes a key of names and slashes: %s', async (key) => {
    await blobs.put(key, pieces(Buffer.from(key)), { maxBytes: 10_000 });
    expect((await readAll(key)).toString()).toBe(key);
  });

  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '..',
    '../../../etc/passwd',
    'a/../b',
    'a/.',
    'ä',
    'a b',
    'a?b',
    'a%2e',
    'a\n',
    'a'.repeat(513),
  ])('refuses a key that could lead astray: %j', async (key) => {
    const put = blobs.put(key, pieces(Buffer.from('x')), { maxBytes: 10 });
    for (const call of [put, blobs.head(key), blobs.read(key), blobs.delete(key)]) {
      await expect(call).rejects.toThrow(RangeError);
    }
    expect([peer.objects(), peer.leftovers()]).toEqual([0, 0]);
  });

  describe('leaves nothing behind, and an earlier object as it is,', () => {
    beforeEach(async () => {
      await blobs.put(KEY, pieces(Buffer.from('earlier')), { maxBytes: 100 });
    });
    afterEach(async () => {
      expect((await readAll(KEY)).toString()).toBe('earlier');
      expect([peer.objects(), peer.leftovers()]).toEqual([1, 0]);
    });

    it.each([10, 20 * MiB])('when the body is larger than %d bytes', async (maxBytes) => {
      let given = 0;
      async function* endless() {
        for (;;) {
          given += 256 * 1024;
          yield Buffer.alloc(256 * 1024);
        }
      }
      await expect(blobs.put(KEY, endless(), { maxBytes })).rejects.toThrow(BlobTooLarge);
      expect(given).toBeLessThan(maxBytes + 2 * 256 * 1024);
    });

    it('when the body is too small', async () => {
      const bytes = Buffer.from('123');
      await expect(blobs.put(KEY, pieces(bytes), { minBytes: 4, maxBytes: 10 })).rejects.toThrow(BlobTooSmall);
    });

    it.each([1, 20 * MiB])('when the body breaks off after %d bytes', async (size) => {
      async function* broken() {
        yield* pieces(randomBytes(size));
        throw new Error('the client has gone');
      }
      await expect(blobs.put(KEY, broken(), { maxBytes: 30 * MiB })).rejects.toThrow('the client has gone');
    });

    it('when it is aborted while it waits for more', async () => {
      const abort = new AbortController();
      async function* stuck() {
        yield* pieces(randomBytes(20 * MiB));
        setImmediate(() => abort.abort(new Error('enough')));
        await new Promise(() => {});
      }
      await expect(blobs.put(KEY, stuck(), { maxBytes: 30 * MiB, signal: abort.signal })).rejects.toThrow('enough');
    });

    it('when it was aborted before it began', async () => {
      const put = blobs.put(KEY, pieces(Buffer.from('x')), { maxBytes: 9, signal: AbortSignal.abort(new Error('no')) });
      await expect(put).rejects.toThrow('no');
    });

    it.each([5, 20 * MiB])('when its publisher refuses %d bytes', async (size) => {
      const put = blobs.put(KEY, pieces(randomBytes(size)), {
        maxBytes: size,
        publish: () => Promise.reject(new Error('not wanted')),
      });
      await expect(put).rejects.toThrow('not wanted');
    });
  });

  it.each([5, 20 * MiB])('shows %d bytes only when its publisher says so', async (size) => {
    const bytes = randomBytes(size);
    await blobs.put(KEY, pieces(bytes), {
      maxBytes: size,
      async publish(blob, makeReadable) {
        expect(blob).toEqual({ size, md5: digest('md5', bytes), sha256: digest('sha256', bytes) });
        expect(await blobs.head(KEY)).toBeUndefined();
        await makeReadable();
        expect(await blobs.head(KEY)).toEqual({ size });
      },
    });
  });

  it('keeps uploads of one key apart that run at the same time', async () => {
    const bodies = [1, 2, 3, 4].map((n) => Buffer.alloc(9 * MiB, n));
    const stored = await Promise.all(bodies.map((body) => blobs.put(KEY, pieces(body), { maxBytes: 9 * MiB })));
    const kept = await readAll(KEY);
    expect(stored.map((blob) => blob.sha256)).toContain(digest('sha256', kept));
    expect([peer.objects(), peer.leftovers()]).toEqual([1, 0]);
  });

  it('removes what dead processes have left, and nothing younger', async () => {
    const now = Date.now();
    await blobs.put(KEY, pieces(Buffer.from('x')), { maxBytes: 1 });
    for (const at of [now - 100_000, now - 90_000, now - 1_000]) await peer.abandon(at);
    expect(await blobs.removeLeftovers(now - 50_000)).toBe(2);
    expect([peer.objects(), peer.leftovers()]).toEqual([1, 1]);
    expect(await blobs.removeLeftovers(now - 50_000)).toBe(0);
  });

  it('lets go of an object that is not read to its end', async () => {
    await blobs.put(KEY, pieces(randomBytes(5 * MiB)), { maxBytes: 5 * MiB });
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let round = 0; round < 20; round += 1) {
      const body = await blobs.read(KEY);
      for await (const _piece of body) break;
      if (!body.closed) await new Promise((resolve) => body.once('close', resolve));
      for await (const _piece of await blobs.pieces(KEY)) break;
      await (await blobs.pieces(KEY)).return();
      (await blobs.read(KEY)).destroy();
    }
    expect(open()).toBeLessThan(before + 10);
  });
});

describe('S3 store', () => {
  it('asks again when the store is busy, and gives up on a refusal', async () => {
    await using peer = await s3Peer();
    await using blobs = await peer.open();
    peer.server.failNext(/^PUT .*partNumber=2/, 503);
    peer.server.failNext(/^POST .*uploadId=/, 500);
    const bytes = randomBytes(20 * MiB);
    await blobs.put(KEY, pieces(bytes), { maxBytes: bytes.length });
    expect(bytes.equals(peer.server.objects.get(KEY) as Buffer)).toBe(true);

    peer.server.failNext(/^PUT/, 403);
    await expect(blobs.put('other', pieces(Buffer.from('x')), { maxBytes: 1 })).rejects.toThrow('403');
  });

  it('takes an error inside a 200 for an error', async () => {
    await using peer = await s3Peer();
    await using blobs = await peer.open();
    peer.server.failNext(/^POST .*uploadId=/, 200);
    const put = blobs.put(KEY, pieces(randomBytes(9 * MiB)), { maxBytes: 9 * MiB });
    await expect(put).rejects.toThrow('did not complete');
    expect([peer.objects(), peer.leftovers()]).toEqual([0, 0]);
  });

  it('says so when its secret is wrong', async () => {
    await using peer = await s3Peer();
    const { url, credentials } = peer.server;
    await using blobs = await openBlobStore(url, { ...credentials, secretAccessKey: 'wrong' });
    await expect(blobs.put(KEY, pieces(Buffer.from('x')), { maxBytes: 1 })).rejects.toThrow('SignatureDoesNotMatch');
  });

  it('stores small objects with one request', async () => {
    await using peer = await s3Peer();
    await using blobs = await peer.open();
    await blobs.put(KEY, pieces(randomBytes(MiB)), { maxBytes: MiB });
    expect(peer.server.requests).toEqual([`PUT /packages/${KEY}`]);
  });
});
