import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addConsoleFiles } from '../../../src/http/console-files.ts';

const PAGE = '<!doctype html><title>Otaru</title>';
const SCRIPT = 'console.log("a script that is worth compressing")';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A console in a folder of its own, asked by requests that no client has made tidy. */
async function serve({ built = true } = {}) {
  const parent = mkdtempSync(join(tmpdir(), 'otaru-console-'));
  const folder = join(parent, 'console');
  const build = () => {
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), PAGE);
    writeFileSync(join(folder, 'assets/app-1a2b.js'), SCRIPT);
    writeFileSync(join(folder, 'assets/app-1a2b.js.br'), brotliCompressSync(SCRIPT));
    writeFileSync(join(folder, 'assets/app-1a2b.js.gz'), gzipSync(SCRIPT));
    writeFileSync(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  };
  if (built) build();
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  const app = Fastify({ routerOptions: { ignoreDuplicateSlashes: true } });
  await app.register(async (scope) => addConsoleFiles(scope, folder));
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await app.close();
    rmSync(parent, { recursive: true });
  });
  const { port } = app.server.address() as { port: number };
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<Answer>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
        );
      });
      sent.on('error', reject).end();
    });
  return { get, build, forget: () => rmSync(folder, { recursive: true }) };
}

describe('the files of the console', () => {
  it('are the page at its address, to be asked for again, and everything with a hash for ever', async () => {
    const { get } = await serve();
    const page = await get('/console/');
    expect([page.status, page.body.toString()]).toEqual([200, PAGE]);
    expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    const script = await get('/console/assets/app-1a2b.js');
    expect([script.status, script.body.toString()]).toEqual([200, SCRIPT]);
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await get('/console/logo.svg')).headers['content-type']).toBe('image/svg+xml');
    expect((await get('/console/index.html?v=2')).body.toString()).toBe(PAGE);
  });

  it('allow the page its own files and its own server, and nobody to frame it', async () => {
    const { get } = await serve();
    for (const path of ['/console/', '/console/assets/app-1a2b.js', '/console/nothing', '/console']) {
      const { headers } = await get(path);
      const policy = String(headers['content-security-policy']).split('; ');
      expect(policy).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
      ]);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
    }
  });

  it('are not sent again to who has them', async () => {
    const { get } = await serve();
    const { etag } = (await get('/console/')).headers;
    for (const known of [String(etag), `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get('/console/', { 'if-none-match': known });
      expect([answer.status, answer.body.length, answer.headers['etag']]).toEqual([304, 0, etag]);
    }
    expect((await get('/console/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('go out compressed to who takes that, each form under a tag of its own', async () => {
    const { get } = await serve();
    const path = '/console/assets/app-1a2b.js';
    const brotli = await get(path, { 'accept-encoding': 'gzip, deflate, br' });
    expect(brotli.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
    expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT);
    const gzip = await get(path, { 'accept-encoding': 'GZIP;q=0.5, br;q=0' });
    expect(gzip.headers['content-encoding']).toBe('gzip');
    const plain = await get(path, { 'accept-encoding': 'br;q=0.0' });
    expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, SCRIPT]);
    expect(new Set([brotli, gzip, plain].map(({ headers }) => headers['etag'])).size).toBe(3);
    expect((await get('/console/', { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined();
  });

  it('are told by HEAD without their bytes', async () => {
    const { get } = await serve();
    const { status, headers, body } = await get('/console/', {}, 'HEAD');
    expect([status, headers['content-length'], body.length]).toEqual([200, String(PAGE.length), 0]);
  });

  it('are all that can be reached', async () => {
    const { get } = await serve();
    const paths = [
      '../secret.txt',
      '%2e%2e/secret.txt',
      '..%2fsecret.txt',
      '..%5csecret.txt',
      'assets/../../secret.txt',
    ];
    for (const path of [...paths, 'assets', 'assets/', 'assets/app-1a2b.js.br', 'constructor', '.', '%00']) {
      const { status, body } = await get(`/console/${path}`);
      expect([path, status]).toEqual([path, 404]);
      expect(body.toString()).not.toContain('secret\n');
    }
  });

  it('are found from the address without the slash, behind any prefix', async () => {
    const { get } = await serve();
    const { status, headers } = await get('/console');
    expect([status, headers['location']]).toEqual([308, 'console/']);
    expect(new URL(String(headers['location']), 'https://example.com/ota/console').pathname).toBe('/ota/console/');
  });

  it('say how they are made while they are missing, and are there once they were', async () => {
    const { get, build, forget } = await serve({ built: false });
    const missing = await get('/console/');
    expect([missing.status, missing.body.toString()]).toEqual([
      503,
      'The console is not built yet: run "npm run build".\n',
    ]);
    build();
    expect((await get('/console/')).status).toBe(200);
    forget();
    expect((await get('/console/assets/app-1a2b.js')).body.toString()).toBe(SCRIPT);
  });
});
