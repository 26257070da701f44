import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { extname, join, sep } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** A file of the console as it goes out. */
interface ConsoleFile {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly plain: Form;
  /** Best first. */
  readonly compressed: readonly (Form & { readonly coding: string })[];
}

interface Form {
  readonly body: Buffer;
  readonly etag: string;
}

interface FileAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

interface ConsoleFiles {
  /** @param path below `/console/`, decoded; empty for the page itself */
  answer(path: string, headers: IncomingHttpHeaders): Promise<FileAnswer>;
}

/** Content codings, best first, and the ending of the files that a build leaves beside the others. */
const codings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

const PAGE = 'index.html';
/** The build puts what carries a hash of its content in its name here, and nothing else. */
const HASHED = 'assets/';
const DAYS_365 = 365 * 86_400;

/** What the page may do: run and show its own files and speak with its own server, in no frame. */
const POLICY = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'font-src', 'connect-src'].map((kind) => `${kind} 'self'`),
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Of every answer of the console. */
const securityHeaders = {
  'content-security-policy': POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const;

/** Serves the built console of a folder, and adds to every answer of `app` what protects the page. */
export function addConsoleFiles(app: FastifyInstance, folder: string): void {
  const files = createConsoleFiles(folder);
  app.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders));
  app.get('/console', async (_request, reply) => reply.code(308).header('location', 'console/').send());
  app.get<{ Params: { '*': string } }>('/console/*', async (request, reply) => {
    const { status, headers, body } = await files.answer(request.params['*'], request.headers);
    return reply.code(status).headers(headers).send(body);
  });
}

/**
 * The built console, read into memory with the first request for it: nothing that a request names reaches the file
 * system, and a build that replaces the files takes nothing away from a server that runs.
 * @param folder where the build leaves it; while there is none, every answer says how it is made
 */
function createConsoleFiles(folder: string): ConsoleFiles {
  let loading: Promise<ReadonlyMap<string, ConsoleFile>> | undefined;
  const load = () => {
    loading ??= readFiles(folder).finally(() => {
      loading = undefined;
    });
    return loading;
  };
  let files: ReadonlyMap<string, ConsoleFile> = new Map();
  return {
    async answer(path, headers) {
      if (files.size === 0) files = await load();
      if (files.size === 0) return say(503, 'The console is not built yet: run "npm run build".\n');
      const file = files.get(path === '' ? PAGE : path);
      return file ? answerFile(file, headers) : say(404, 'There is no such file in the console.\n');
    },
  };
}

const say = (status: number, body: string): FileAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body,
});

function answerFile(file: ConsoleFile, headers: IncomingHttpHeaders): FileAnswer {
  const accepts = acceptedCodings(headers['accept-encoding']);
  const compressed = file.compressed.find(({ coding }) => accepts(coding));
  const { body, etag } = compressed ?? file.plain;
  const cached = { 'cache-control': file.cacheControl, etag, vary: 'accept-encoding' };
  if (isKnown(headers['if-none-match'], etag)) return { status: 304, headers: cached, body: '' };
  const encoded: Record<string, string> = compressed ? { 'content-encoding': compressed.coding } : {};
  return { status: 200, headers: { ...cached, ...encoded, 'content-type': file.contentType }, body };
}

function acceptedCodings(header = ''): (coding: string) => boolean {
  const parts = header.toLowerCase().split(',');
  const weighed = parts.map((part) => part.split(';').map((piece) => piece.trim()));
  const wanted = new Set(weighed.filter(([, weight = '']) => !/^q=0(\.0*)?$/.test(weight)).map(([name]) => name));
  return (coding) => wanted.has(coding) || wanted.has('*');
}

/** Proxies that compress make strong tags weak; the bytes are the same. */
const isKnown = (header: string | undefined, etag: string): boolean =>
  header?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*') === true;

/** @returns nothing when there is no page in the folder */
async function readFiles(folder: string): Promise<ReadonlyMap<string, ConsoleFile>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const paths = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length));
  const bodies = new Map<string, Buffer>();
  for (const path of paths) bodies.set(path.replaceAll(sep, '/'), await readFile(join(folder, path)));
  if (!bodies.has(PAGE)) return new Map();
  const files = new Map<string, ConsoleFile>();
  for (const [path, body] of bodies) {
    const contentType = contentTypes[extname(path)];
    if (contentType === undefined) continue; // a compressed form of another, or nothing that a page asks for
    const compressed = codings.flatMap(([coding, ending]) => {
      const form = bodies.get(path + ending);
      return form ? { coding, ...withTag(form) } : [];
    });
    const cacheControl = path.startsWith(HASHED) ? `public, max-age=${DAYS_365}, immutable` : 'no-cache';
    files.set(path, { contentType, cacheControl, plain: withTag(body), compressed });
  }
  return files;
}

const withTag = (body: Buffer): Form => ({
  body,
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
});
