import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProxyHeader } from '../../../src/wire/proxy-protocol.ts';
import { proxyHeaderV1, proxyHeaderV2 } from '../../support/proxy.ts';

const text = (line: string) => readProxyHeader(Buffer.from(line, 'latin1'));
const ports = fc.integer({ min: 0, max: 65_535 });
const written = fc.oneof(
  fc.tuple(fc.ipV4(), ports, fc.constant(4 as const)),
  fc.tuple(fc.ipV6(), ports, fc.constant(6 as const)),
);
/** IPv6 has many spellings; the one of a URL is the shortest. */
const short = (address: string) =>
  address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

describe('the header of the PROXY protocol', () => {
  it('names the client in version 1', () => {
    const line = 'PROXY TCP4 203.0.113.9 192.0.2.1 56324 1883\r\n';
    const peer = { address: '203.0.113.9', port: 56_324 };
    expect(text(`${line}\x10\x00`)).toEqual({ length: line.length, peer });
    expect(text('PROXY TCP6 2001:db8::9 2001:db8::1 1 1883\r\n')).toMatchObject({
      peer: { address: '2001:db8::9', port: 1 },
    });
  });

  it('is read back as it was written, wherever it was cut', () => {
    const law = fc.property(written, fc.boolean(), fc.uint8Array({ maxLength: 40 }), ([address, port], v2, rest) => {
      const header = v2 ? proxyHeaderV2(address, port) : proxyHeaderV1(address, port);
      for (let length = 0; length < header.length; length++) {
        expect(readProxyHeader(header.subarray(0, length))).toBe('incomplete');
      }
      const read = readProxyHeader(Buffer.concat([header, rest]));
      expect(read).toMatchObject({ length: header.length, peer: { port } });
      expect(short((read as { peer: { address: string } }).peer.address)).toBe(short(address));
    });
    fc.assert(law);
  });

  it('never fails on any bytes', () => {
    const starts = [Buffer.alloc(0), Buffer.from('PROXY '), proxyHeaderV2('1.2.3.4', 5).subarray(0, 12)];
    const law = fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
      const read = readProxyHeader(Buffer.concat([start, rest]));
      if (typeof read === 'object') expect(read.length).toBeLessThanOrEqual(start.length + rest.length);
    });
    fc.assert(law, { numRuns: 1_000 });
  });

  it('names nobody where the proxy speaks for itself, or of another family', () => {
    expect(text('PROXY UNKNOWN\r\nrest')).toEqual({ length: 15, peer: undefined });
    expect(text('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n')).toMatchObject({ peer: undefined });
    const local = proxyHeaderV2('203.0.113.9', 1);
    local[12] = 0x20;
    expect(readProxyHeader(local)).toEqual({ length: 28, peer: undefined });
    const unix = proxyHeaderV2('203.0.113.9', 1);
    unix[13] = 0x31;
    expect(readProxyHeader(unix)).toEqual({ length: 28, peer: undefined });
  });

  it('passes over what follows the addresses in version 2', () => {
    const header = Buffer.concat([proxyHeaderV2('203.0.113.9', 7), Buffer.from([0x20, 0, 5, 1, 0, 0, 0, 0])]);
    header.writeUInt16BE(20, 14);
    expect(readProxyHeader(header)).toEqual({ length: 36, peer: { address: '203.0.113.9', port: 7 } });
  });

  it.each([
    ['no header', 'MQTT'],
    ['an address of the other family', 'PROXY TCP4 2001:db8::9 192.0.2.1 1 2\r\n'],
    ['a name', 'PROXY TCP4 client.example 192.0.2.1 1 2\r\n'],
    ['a port that is none', 'PROXY TCP4 203.0.113.9 192.0.2.1 65536 2\r\n'],
    ['too few words', 'PROXY TCP4 203.0.113.9 192.0.2.1 1\r\n'],
    ['another protocol', 'PROXY UDP4 203.0.113.9 192.0.2.1 1 2\r\n'],
    ['a line without end', `PROXY TCP4 ${'9'.repeat(100)}`],
  ])('is refused for %s', (_name, line) => {
    expect(text(line)).toBe('malformed');
  });

  it.each([
    ['another version', 12, 0x11],
    ['another command', 12, 0x22],
    ['more than 4 KiB', 14, 0xff],
    ['less than its addresses', 15, 11],
  ])('is refused in version 2 for %s', (_name, at, value) => {
    const header = proxyHeaderV2('203.0.113.9', 7);
    header[at] = value;
    expect(readProxyHeader(header)).toBe('malformed');
  });
});
