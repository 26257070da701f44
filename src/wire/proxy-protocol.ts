import { isIP } from 'node:net';

/** Who a proxy says is at the other end of a connection that it made. */
export interface ProxiedPeer {
  readonly address: string;
  readonly port: number;
}

export interface ProxyHeader {
  /** Bytes of the header; what follows is the client's. */
  readonly length: number;
  /** Undefined when the proxy speaks for itself (a health check) or cannot say. */
  readonly peer: ProxiedPeer | undefined;
}

const SIGNATURE_V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const SIGNATURE_V1 = Buffer.from('PROXY ', 'latin1');
/** CRLF included (PROXY protocol 2.1). */
const MAX_V1_BYTES = 107;
const V2_FIXED_BYTES = 16;
/** What a proxy adds behind the addresses (names, certificates) is passed over; more than this no proxy sends. */
const MAX_V2_BYTES = 4_096;

/**
 * Reads the header of the PROXY protocol, version 1 (text) or 2 (binary), that a connection begins with. Told apart by
 * their first byte, as the specification's section 2.3 has it.
 * @param head what has come so far, from the first byte on
 */
export function readProxyHeader(head: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  if (begins(head, SIGNATURE_V2)) return head.length < V2_FIXED_BYTES ? 'incomplete' : readBinary(head);
  if (begins(head, SIGNATURE_V1)) return readText(head);
  return 'malformed';
}

/** Whether `head` begins with `signature`, as far as it goes. */
const begins = (head: Buffer, signature: Buffer) => {
  const length = Math.min(head.length, signature.length);
  return head.compare(signature, 0, length, 0, length) === 0;
};

function readText(head: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  const end = head.subarray(0, MAX_V1_BYTES).indexOf('\r\n');
  if (end < 0) return head.length < MAX_V1_BYTES ? 'incomplete' : 'malformed';
  const length = end + 2;
  const [, protocol, address = '', , port = '', ...rest] = head.toString('latin1', 0, end).split(' ');
  if (protocol === 'UNKNOWN') return { length, peer: undefined };
  const family = protocol === 'TCP4' ? 4 : protocol === 'TCP6' ? 6 : 0;
  const wellFormed = family > 0 && isIP(address) === family && isPort(port) && rest.length === 1;
  return wellFormed ? { length, peer: { address, port: Number(port) } } : 'malformed';
}

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535;

function readBinary(head: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  const [version, command] = [head.readUInt8(12) >> 4, head.readUInt8(12) & 0x0f];
  const length = V2_FIXED_BYTES + head.readUInt16BE(14);
  if (version !== 2 || command > 1 || length > MAX_V2_BYTES) return 'malformed';
  if (head.length < length) return 'incomplete';
  // LOCAL; of other families than TCP over IPv4 and IPv6 the address says nothing here
  const family = command === 0 ? 0 : head.readUInt8(13);
  if (family !== 0x11 && family !== 0x21) return { length, peer: undefined };
  const bytes = family === 0x11 ? 4 : 16;
  const ports = V2_FIXED_BYTES + 2 * bytes;
  if (length < ports + 4) return 'malformed';
  const raw = head.subarray(V2_FIXED_BYTES, V2_FIXED_BYTES + bytes);
  return { length, peer: { address: bytes === 4 ? raw.join('.') : ipv6(raw), port: head.readUInt16BE(ports) } };
}

/** In the short spelling that sockets use, too. */
function ipv6(raw: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => raw.readUInt16BE(2 * index).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
