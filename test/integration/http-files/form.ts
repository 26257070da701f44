import type { UploadGrant } from '../../../src/domain/uploads.ts';

export type Part = readonly [name: string, value: string | Uint8Array];

const BOUNDARY = 'oqXRAKyHhJkNiTCOZGTMAwZrTQkPLO';

/** A form as the official Java sample sends it: Apache HttpMime's defaults (storage-and-events 1.3). */
export function javaForm(parts: readonly Part[]): Buffer {
  const bytes: Uint8Array[] = [];
  for (const [name, value] of parts) {
    const [type, encoding] =
      name.toLowerCase() === 'file'
        ? ['application/octet-stream', 'binary']
        : ['text/plain; charset=ISO-8859-1', '8bit'];
    bytes.push(
      Buffer.from(
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`,
      ),
      typeof value === 'string' ? Buffer.from(value) : value,
      Buffer.from('\r\n'),
    );
  }
  bytes.push(Buffer.from(`--${BOUNDARY}--\r\n`));
  return Buffer.concat(bytes);
}

/** The fields of a form in the order of the sample, without the file. */
export function fieldsOf(grant: UploadGrant): Part[] {
  return [
    ['key', grant.key],
    ['policy', grant.policy],
    ['OSSAccessKeyId', grant.accessKeyId],
    ['signature', grant.signature],
    ['success_action_status', '200'],
  ];
}

export function requestHead(length: number | 'chunked', type = `multipart/form-data; boundary=${BOUNDARY}`): string {
  const size = length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  return `POST / HTTP/1.1\r\n${size}\r\nContent-Type: ${type}\r\nHost: ota.example.net\r\nConnection: Keep-Alive\r\nUser-Agent: Apache-HttpClient/4.5.2 (Java/1.8.0_181)\r\n\r\n`;
}

/** A whole request. */
export function post(body: Uint8Array, type?: string): Buffer {
  return Buffer.concat([Buffer.from(requestHead(body.length, type)), body]);
}

export const chunk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
