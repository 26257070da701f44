import type { ActionEntry } from '../../src/contract/action.ts';
import { type ErrorKey, errors } from '../../src/contract/errors.ts';
import { actions } from '../../src/contract/index.ts';
import { operations as accepted, notInSdk } from '../../test/acceptance/operations/index.ts';
import { anchorOf, page, table } from './api-pages.ts';
import { codeOf, goldenCalls, isSuccess } from './golden.ts';
import {
  laterOperations,
  mustOperations,
  otaOperations,
  shouldOperations,
  subscriptionOperations,
} from './operations.ts';

const groups: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['OTA operations', otaOperations],
  ['Product, device and group operations: MUST', mustOperations],
  ['Product, device and group operations: SHOULD', shouldOperations],
  ['Product, device and group operations: LATER', laterOperations],
  ['Server-side subscription', subscriptionOperations],
];

const entries: ReadonlyMap<string, ActionEntry> = new Map(actions.map((entry) => [entry.name, entry]));
const inSdks: ReadonlySet<string> = new Set(accepted.map(({ action }) => action));

interface Coverage {
  readonly successes: number;
  /** Errors of the entry that a golden answer shows, in JSON and in XML. */
  readonly shown: number;
  readonly listed: number;
}

export function coverageOf(entry: ActionEntry): Coverage {
  const [json, xml] = [goldenCalls(entry.name, 'json'), goldenCalls(entry.name, 'xml')];
  const codes = [json, xml].map((calls) => new Set(calls.map(codeOf)));
  const listed: readonly ErrorKey[] = entry.errors;
  return {
    successes: Math.min(json.filter(isSuccess).length, xml.filter(isSuccess).length),
    shown: listed.filter((key) => codes.every((of) => of.has(errors[key].code))).length,
    listed: listed.length,
  };
}

/** API_COVERAGE.md. */
export function coveragePage(): string {
  const extensions = [...entries.values()].filter(({ extension }) => extension).map(({ name }) => name);
  const all =
    extensions.length > 0 ? [...groups, ["Extensions: not in the vendor's API", extensions] as const] : groups;
  return page([
    '# API coverage',
    'Written by `npm run docs` from the contract (`src/contract/`), the golden answers (`test/golden/expected/`) and' +
      ' the table of the acceptance suite (`test/acceptance/operations/`). A test holds it against them.',
    table(
      ['', 'There', 'Of'],
      all.map(([title, names]) => [
        title,
        String(names.filter((name) => entries.has(name)).length),
        String(names.length),
      ]),
    ),
    'Success and error cases are exact bytes in JSON and in XML, the same on SQLite and PostgreSQL. Errors are counted by' +
      ' the codes that the operation itself may answer. V3 is `@alicloud/iot20180120` 3.0.11, or a request signed by' +
      ' hand where that SDK lacks the operation; V1 is `@alicloud/pop-core`. Both call the built server.',
    ...all.flatMap(([title, names]) => [
      `## ${title}`,
      table(
        ['Operation', 'Successes', 'Errors', 'SDKs'],
        names.map((name) => rowOf(name)),
      ),
    ]),
  ]);
}

function rowOf(name: string): string[] {
  const entry = entries.get(name);
  if (!entry) return [`\`${name}\``, 'missing', '', ''];
  const { successes, shown, listed } = coverageOf(entry);
  const sdks = inSdks.has(name) ? (notInSdk.has(name) ? 'V3 by hand, V1' : 'V3, V1') : 'none';
  return [`[${name}](docs/api/${anchorOf(entry)})`, String(successes), `${shown} of ${listed}`, sdks];
}
