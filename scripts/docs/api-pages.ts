import type { ActionEntry } from '../../src/contract/action.ts';
import { type ErrorEntry, type ErrorKey, errors } from '../../src/contract/errors.ts';
import { actions } from '../../src/contract/index.ts';
import type { Field, Fields } from '../../src/contract/schema.ts';
import { rightTo } from '../../src/domain/policy.ts';
import { goldenCalls, isSuccess } from './golden.ts';

const titles: Readonly<Record<string, string>> = {
  product: 'Products',
  device: 'Devices',
  group: 'Groups of devices',
  firmware: 'Update packages',
  module: 'Modules',
  job: 'Jobs and tasks',
  subscription: 'Server-side subscription',
  overview: 'Overview of the fleet and its rollouts',
  webhook: 'Webhooks',
  audit: 'Audit',
  quota: 'Quotas',
  access: 'Users and keys',
};

/** Refusals that need no entry: any operation may answer them (docs/compatibility.md, "Calls and signatures"). */
const everywhere: readonly ErrorKey[] = ['common.permissionDenied', 'instance.notFound'];

const written = 'Written by `npm run docs` from `src/contract/` and the golden answers; edit those.';

/** The pages of docs/api by file name: an index and one for each family. */
export function apiPages(): Map<string, string> {
  const families = Map.groupBy(actions as readonly ActionEntry[], ({ family }) => family);
  const pages = [...families].map(([family, entries]) => [`${family}.md`, familyPage(family, entries)] as const);
  return new Map([['README.md', indexPage(families)], ...pages]);
}

const titleOf = (family: string) => titles[family] ?? family;

export const anchorOf = ({ family, name }: ActionEntry) => `${family}.md#${name.toLowerCase()}`;

function indexPage(families: ReadonlyMap<string, readonly ActionEntry[]>): string {
  const all = [...families.values()].flat();
  const extensions = all.filter(({ extension }) => extension);
  const lists = [...families].flatMap(([family, entries]) => {
    const ofVendor = entries.filter(({ extension }) => !extension);
    return ofVendor.length === 0 ? [] : [`## ${titleOf(family)}`, operationTable(ofVendor)];
  });
  const gateway = (Object.entries(errors) as [ErrorKey, ErrorEntry][])
    .filter(([key, { layer }]) => (layer === 'gateway' && !key.startsWith('console.')) || everywhere.includes(key))
    .map(([, { status, code, message }]) => [`\`${code}\``, String(status), message]);
  return page([
    '# The API',
    `Product \`Iot\`, version \`2018-01-20\`, ${all.length - extensions.length} operations of the vendor's API` +
      `${extensions.length === 0 ? '' : ` and ${extensions.length} extensions`}. ${written}`,
    'Each is called by GET or POST at `/`, with its parameters in the query or in a form body, signed as V1 or V3.' +
      ' A list is sent as `Name.1`, `Name.2`; a list of objects as `Name.1.Member`. Every answer has `RequestId` and' +
      ' `Success`; a refusal by the operation has HTTP status 200, `Success` false, `Code` and `ErrorMessage`. The' +
      ' examples are what `otaru call` sends and gets.',
    'Which of the operations of the vendor there are, and how each is tested, stands in' +
      ' [API_COVERAGE.md](../../API_COVERAGE.md); choices where the documents are silent stand in' +
      ' [compatibility.md](../compatibility.md).',
    ...lists,
    ...(extensions.length === 0 ? [] : ['## Extensions', extensionsIntro, operationTable(extensions)]),
    '## What any call may be refused with',
    'Refusals by the gateway have `Code` and `Message`, and the HTTP status shown.',
    table(['Code', 'HTTP', 'Message'], gateway),
  ]);
}

const extensionsIntro =
  "What the vendor's API does not have. They are called, signed and answered like all others, by every client that can" +
  ' name an operation itself. A RAM user needs the right that the page of each names: those that manage the account are' +
  ' `otaru:…` and are not among `iot:*`.';

const operationTable = (entries: readonly ActionEntry[]) =>
  table(
    ['Operation', 'Calls per second', ''],
    entries.map((entry) => [`[${entry.name}](${anchorOf(entry)})`, number(entry.qps), entry.summary]),
  );

function familyPage(family: string, entries: readonly ActionEntry[]): string {
  return page([
    `# ${titleOf(family)}`,
    `${written} [All operations](README.md)`,
    ...entries.map((entry) => operation(entry)),
  ]);
}

function operation(entry: ActionEntry): string {
  const refusals = entry.errors.map((key: ErrorKey) => {
    const { code, message } = errors[key];
    return [`\`${code}\``, message];
  });
  return [
    `## ${entry.name}`,
    entry.summary,
    ...(entry.extension ? [`An extension; a RAM user needs the right \`${rightTo(entry)}\`.`] : []),
    `${number(entry.qps)} calls per second for an account.` +
      (entry.changes === false ? '' : ' Leaves a record in the audit.'),
    '### Parameters',
    table(['Name', 'Type', 'Required', 'Meaning'], rowsOf(entry.request, '', true)),
    '### Answer',
    Object.keys(entry.response).length === 0
      ? 'Nothing but `RequestId` and `Success`.'
      : table(['Name', 'Type', 'Always', 'Meaning'], rowsOf(entry.response, '', false)),
    '### Errors',
    refusals.length === 0 ? 'None of its own.' : table(['Code', 'Message'], refusals),
    ...example(entry.name),
  ].join('\n\n');
}

/** @param asSent names lists as the parameters of a call do, `Tag.N.Key`, instead of `Tag[].Key` */
function rowsOf(fields: Fields, prefix: string, asSent: boolean): string[][] {
  return Object.entries(fields).flatMap(([name, field]) => rowsOfField(`${prefix}${name}`, field, asSent));
}

function rowsOfField(name: string, field: Field, asSent: boolean): string[][] {
  const required = field.required ? 'yes' : '';
  if (field.kind === 'object') {
    const own = asSent ? [] : [[`\`${name}\``, 'object', required, field.doc]];
    return [...own, ...rowsOf(field.fields, `${name}.`, asSent)];
  }
  if (field.kind === 'list') {
    const item = asSent ? `${name}.N` : `${name}[]`;
    if (field.of.kind === 'object') {
      const own = [`\`${item}\``, 'list of objects', required, field.doc];
      return [own, ...rowsOf(field.of.fields, `${item}.`, asSent)];
    }
    return [[`\`${item}\``, `list of ${field.of.kind}`, required, [field.of.doc, field.doc].filter(Boolean).join(' ')]];
  }
  return [[`\`${name}\``, field.kind, required, field.doc]];
}

function example(action: string): string[] {
  const call = goldenCalls(action, 'json').find(isSuccess);
  if (!call) return [];
  const words = [...call.parameters].map(([name, value]) => ` \\\n  ${shellWord(`${name}=${value}`)}`);
  return [
    '### Example',
    `\`\`\`sh\notaru call ${action}${words.join('')}\n\`\`\``,
    `\`\`\`json\n${JSON.stringify(JSON.parse(call.body), null, 2)}\n\`\`\``,
  ];
}

const shellWord = (text: string) => (/^[\w.=:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export const number = (value: number) => value.toLocaleString('en');

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll(/ {2,}\|/g, ' |');
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const page = (parts: readonly string[]) => `${parts.join('\n\n')}\n`;
