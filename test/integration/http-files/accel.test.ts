import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadUrl } from '../../../src/domain/downloads.ts';
import { eachEngine } from '../../support/engines.ts';
import { freePort, missing, type RunningProxy, startDeployedNginx } from '../../support/proxies.ts';
import { openRaw, type RawAnswer } from './raw-client.ts';
import { createFileWorld, type FileWorld } from './world.ts';

describe.skipIf(missing.nginx)(`downloads that nginx sends (${missing.nginx ?? 'X-Accel-Redirect'})`, () => {
  eachEngine('a file', (database) => {
    const bytes = randomBytes(300_000);
    const asked: string[] = [];
    let behindNginx: boolean;
    let world: FileWorld;
    let nginx: RunningProxy;
    let port: number;
    let target: string;
    beforeEach(async () => {
      behindNginx = true;
      const isNginx = (address: string) => {
        asked.push(address);
        return behindNginx;
      };
      world = await createFileWorld(database, { path: '/otaru-packages', isNginx });
      port = await freePort();
      const { folder } = world;
      nginx = await startDeployedNginx({ folder, blobs: folder, port, http: `127.0.0.1:${world.port}` });
      target = downloadUrl(world.deps, (await world.store(bytes)).key).slice(world.deps.publicUrl.length);
    });
    afterEach(async () => {
      await nginx?.[Symbol.asyncDispose]();
      await world.idle();
      await world[Symbol.asyncDispose]();
    });

    async function ask(to: number, method: string, headers: readonly string[], path = target): Promise<RawAnswer> {
      using client = await openRaw(to);
      await client.send([`${method} ${path} HTTP/1.1`, 'Host: ota.example.net', ...headers, '', ''].join('\r\n'));
      return await client.answer({ noBody: method === 'HEAD' });
    }
    /** What a device can go by. */
    const seen = ({ status, headers, body }: RawAnswer) => ({
      status,
      length: headers['Content-Length'],
      range: headers['Content-Range'],
      ranges: headers['Accept-Ranges'],
      type: headers['Content-Type'],
      etag: headers['ETag'],
      body: status < 300 ? body.toString('latin1') : body.length,
    });

    it('looks as if the server had sent it, whatever is asked for', async () => {
      const etag = (await ask(world.port, 'HEAD', [])).headers['ETag'] ?? '';
      const ranges = ['0-', '0-0', '100-199', '299999-', '200000-999999', '-5', '-999999']
        .concat('0-1,5-6', '9-3', 'x-', '-', '300000-', '300001-400000', '-0')
        .map((range) => [`Range: bytes=${range}`]);
      const questions: string[][] = [
        [],
        ...ranges,
        ['Range: octets=0-1'],
        ['Range: bytes=0-', 'Accept-Encoding: gzip, deflate', 'Content-Length: 0'],
        ['Range: bytes=5-', `If-Range: ${etag}`],
        ['Range: bytes=5-', 'If-Range: "other"'],
        ['Range: bytes=5-', 'If-Range: Tue, 01 Jan 2030 00:00:00 GMT'],
        ['If-Modified-Since: Tue, 01 Jan 2030 00:00:00 GMT'],
        [`If-None-Match: ${etag}`],
      ];
      for (const method of ['GET', 'HEAD']) {
        for (const headers of questions) {
          behindNginx = false;
          const direct = await ask(world.port, method, headers);
          behindNginx = true;
          const passed = await ask(port, method, headers);
          expect({ headers, ...seen(passed) }).toEqual({ headers, ...seen(direct) });
        }
      }
      // the file was never opened by the server for it
      expect(new Set(asked)).toEqual(new Set(['127.0.0.1']));
      expect(nginx.log()).toBe('');
    });

    it('keeps to the header form that old devices need', async () => {
      for (const headers of [[], ['Range: bytes=0-', 'Accept-Encoding: gzip, deflate'], ['Range: bytes=999999-']]) {
        const { head } = await ask(port, 'GET', headers);
        expect(Buffer.byteLength(head, 'latin1')).toBeLessThan(600);
        for (const line of head.split('\r\n')) expect(line.length).toBeLessThan(126);
        expect(head).toMatch(/^HTTP\/1\.1 \d{3} /);
        expect(head).toMatch(/\r\nContent-Length: \d+\r\n/);
        expect(head.match(/content-length/gi)).toHaveLength(1);
        expect(head).toMatch(/\r\nx-oss-request-id: [0-9A-F]{24}\r\n/);
        expect(head).not.toMatch(
          /transfer-encoding|content-encoding|location|set-cookie|access-control|accel|last-modified/i,
        );
      }
    });

    it('is refused as the server refuses it', async () => {
      const bad = await ask(port, 'GET', [], target.replace('Signature=', 'Signature=x'));
      expect([bad.status, bad.headers['Content-Type']]).toEqual([403, 'application/xml']);
      expect(bad.body.toString()).toContain('<Code>SignatureDoesNotMatch</Code>');
      await world.deps.blobs.delete(decodeURIComponent(target.slice(1, target.indexOf('?'))));
      const gone = await ask(port, 'GET', []);
      expect(gone.body.toString()).toContain('<Code>NoSuchKey</Code>');
      expect(world.faults.splice(0)).toHaveLength(1);
    });

    it('cannot be had by its address within nginx', async () => {
      const path = `/otaru-packages/part/${world.deps.blobs.pathOf?.(target.slice(1, target.indexOf('?')))}`;
      expect((await ask(port, 'GET', [], path)).status).toBe(404);
    });

    it('comes from the server itself where nginx is not the peer', async () => {
      behindNginx = false;
      const answer = await ask(port, 'GET', ['Range: bytes=0-']);
      expect([answer.status, answer.headers['Content-Length']]).toEqual([206, '300000']);
      expect(bytes.equals(answer.body)).toBe(true);
    });
  });
});
