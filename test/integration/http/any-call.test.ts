import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { type Action, actions } from '../../../src/contract/index.ts';
import type { Field, Fields } from '../../../src/contract/schema.ts';
import { createApiWorld } from '../../golden/api-world.ts';
import { eachEngine } from '../../support/engines.ts';

/** Texts that programs, people and attackers send where a value is expected. */
const oddText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1',
    '10',
    '2147483648',
    '9007199254740993',
    '1e3',
    '0x10',
    'NaN',
    'true',
    'null',
    '[object Object]',
    '["a"]',
    "' or 1=1 --",
    '%',
    '%00',
    '\u0000',
    '\ud800',
    '\ufffe',
    '灯'.repeat(50),
    '../../etc/passwd',
    'ALL',
    'SPECIFIC',
    'GRAY',
    'GROUP',
    'HTTPS',
    'MQTT',
    'QUEUED',
    'https://ota.example.com/ota/x.bin',
    'http://[::1',
    'a1000000013',
    'x'.repeat(5_000),
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Parameters of an action: each one absent, odd, in a list, repeated under odd indices. */
function parametersOf(entry: Action): fc.Arbitrary<Record<string, string>> {
  const names = namesOf(entry.request);
  return fc
    .array(fc.tuple(fc.constantFrom(...names, 'Unknown', '__proto__', 'constructor.1'), oddText), { maxLength: 12 })
    .map((pairs) => Object.fromEntries(pairs));
}

function namesOf(fields: Fields, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([name, field]) => namesOfField(field, `${prefix}${name}`));
}

function namesOfField(field: Field, name: string): string[] {
  if (field.kind !== 'list') return [name];
  const items = [`${name}.1`, `${name}.2`, `${name}.0`, `${name}.x`, `${name}.99999999999999999999`];
  if (field.of.kind !== 'object') return [name, ...items];
  const { fields } = field.of;
  return [name, ...items.flatMap((item) => namesOf(fields, `${item}.`))];
}

const documentedStatuses = [200, 400, 403, 404];

eachEngine('whatever a signed call holds', (database) => {
  it.each(['JSON', 'XML'] as const)(
    'is answered in %s with a documented status, well-formed and never as an internal error',
    async (format) => {
      const world = await createApiWorld(database, format);
      const parser = new XMLParser();
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...actions).chain((entry) => fc.tuple(fc.constant(entry.name), parametersOf(entry))),
          async ([name, parameters]) => {
            const answer = await world.call(name, parameters);
            expect(documentedStatuses, answer.body).toContain(answer.status);
            expect(answer.body).not.toContain('InternalError');
            expect(answer.body).not.toContain('InvalidAction.NotFound');
            if (format === 'JSON') JSON.parse(answer.body);
            else parser.parse(answer.body, true);
          },
        ),
        { numRuns: 400 },
      );
    },
  );
});
