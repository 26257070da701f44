import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A double of the S3 protocol, as far as a blob store needs it: signature version 4, objects, ranges, multipart
 * uploads. No small server of that protocol is fit for the tests: s3rver accepts wrong secrets and cannot abort an
 * upload.
 */
export interface S3Server extends AsyncDisposable {
  /** Value of the setting that names it, for instance for OTARU_BLOBS. */
  readonly url: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Objects by key. */
  readonly objects: Map<string, Buffer>;
  /** Multipart uploads that were neither completed nor aborted. */
  readonly uploads: Map<
    string,
    { readonly key: string; readonly parts: Map<number, Buffer>; readonly beganAt: number }
  >;
  /** `METHOD /path?query` of what was asked so far. */
  readonly requests: string[];
  /** Answers the next request that matches with this status, or with 200 and an error as S3 completes uploads. */
  failNext(matching: RegExp, status: number): void;
}

const MIN_PART_BYTES = 5 * 1024 * 1024;
const BUCKET = 'packages';
const REGION = 'eu-test-1';

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string | number>;
  readonly body?: Buffer | string;
}

export async function startS3Server(now: () => number = Date.now): Promise<S3Server> {
  const credentials = { accessKeyId: 'TESTACCESSKEY', secretAccessKey: 'test/secret+key' };
  const objects: S3Server['objects'] = new Map();
  const uploads: S3Server['uploads'] = new Map();
  const requests: string[] = [];
  const failures: { matching: RegExp; status: number }[] = [];

  const server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push(line);
    let answer: Answer;
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const failing = failures.findIndex(({ matching }) => matching.test(line));
      if (failing >= 0) throw new Refusal(failures.splice(failing, 1)[0]?.status ?? 500, 'SlowDown');
      checkSignature(request, credentials);
      answer = act(request, Buffer.concat(parts));
    } catch (error) {
      const { status, code } = error instanceof Refusal ? error : new Refusal(500, String(error));
      const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
      answer = { status, headers: { 'content-type': 'application/xml' }, body };
    }
    const { status, headers, body = '' } = answer;
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  });

  function act(request: IncomingMessage, body: Buffer): Answer {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (pathname.split('/')[1] !== BUCKET) throw new Refusal(404, 'NoSuchBucket');
    const key = decodeURIComponent(pathname.slice(BUCKET.length + 2));
    const uploadId = searchParams.get('uploadId');
    if (request.method === 'GET' && searchParams.has('uploads')) return listUploads();
    if (request.method === 'POST' && searchParams.has('uploads')) return beginUpload(key);
    if (uploadId !== null) return actOnUpload(request.method ?? '', key, uploadId, searchParams, body);
    if (request.method === 'PUT') {
      objects.set(key, body);
      return { status: 200, headers: { etag: etag(body) } };
    }
    if (request.method === 'DELETE') {
      objects.delete(key);
      return { status: 204 };
    }
    const object = objects.get(key);
    if (!object) throw new Refusal(404, 'NoSuchKey');
    return part(object, request.headers.range);
  }

  function beginUpload(key: string): Answer {
    const id = randomBytes(12).toString('hex');
    uploads.set(id, { key, parts: new Map(), beganAt: now() });
    const body = `<?xml version="1.0"?><InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>${BUCKET}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
    return { status: 200, body };
  }

  function listUploads(): Answer {
    const entries = [...uploads].map(
      ([id, { key, beganAt }]) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiator><ID>x</ID></Initiator><Initiated>${new Date(beganAt).toISOString()}</Initiated></Upload>`,
    );
    const body = `<?xml version="1.0"?><ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>${BUCKET}</Bucket><IsTruncated>false</IsTruncated>${entries.join('')}</ListMultipartUploadsResult>`;
    return { status: 200, body };
  }

  function actOnUpload(method: string, key: string, id: string, query: URLSearchParams, body: Buffer): Answer {
    const upload = uploads.get(id);
    if (upload?.key !== key) throw new Refusal(404, 'NoSuchUpload');
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      return { status: 200, headers: { etag: etag(body) } };
    }
    if (method === 'DELETE') {
      uploads.delete(id);
      return { status: 204 };
    }
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)];
    const parts = named.map(([, number, tag]) => {
      const bytes = upload.parts.get(Number(number));
      if (!bytes || etag(bytes).replaceAll('"', '') !== tag?.replaceAll('"', '')) throw new Refusal(400, 'InvalidPart');
      return bytes;
    });
    if (parts.slice(0, -1).some((bytes) => bytes.length < MIN_PART_BYTES)) throw new Refusal(400, 'EntityTooSmall');
    objects.set(key, Buffer.concat(parts));
    uploads.delete(id);
    return {
      status: 200,
      body: `<?xml version="1.0"?><CompleteMultipartUploadResult><Key>${key}</Key><ETag>"x-${parts.length}"</ETag></CompleteMultipartUploadResult>`,
    };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `s3://${BUCKET}?endpoint=${encodeURIComponent(endpoint)}&region=${REGION}&forcePathStyle=true`,
    credentials,
    objects,
    uploads,
    requests,
    failNext: (matching, status) => void failures.push({ matching, status }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const etag = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;

function part(object: Buffer, range: string | undefined): Answer {
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (!match) return { status: 200, headers: { etag: etag(object) }, body: object };
  const start = Number(match[1]);
  if (start >= object.length) throw new Refusal(416, 'InvalidRange');
  const end = Math.min(match[2] ? Number(match[2]) : object.length, object.length - 1);
  const headers = { 'content-range': `bytes ${start}-${end}/${object.length}` };
  return { status: 206, headers, body: object.subarray(start, end + 1) };
}

/** AWS signature version 4, from its documentation. */
function checkSignature(request: IncomingMessage, credentials: S3Server['credentials']): void {
  const authorization =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (!authorization) throw new Refusal(403, 'AccessDenied');
  const [, accessKeyId, day = '', region = '', names = '', signature] = authorization;
  if (accessKeyId !== credentials.accessKeyId) throw new Refusal(403, 'InvalidAccessKeyId');
  if (region !== REGION) throw new Refusal(400, 'AuthorizationHeaderMalformed');
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const canonicalQuery = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&');
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const payload = String(request.headers['x-amz-content-sha256']);
  const canonical = [request.method, path, canonicalQuery, headers.join(''), names, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  if (hmac(key, text).toString('hex') !== signature) throw new Refusal(403, 'SignatureDoesNotMatch');
}
