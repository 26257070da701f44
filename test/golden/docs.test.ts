import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiPages } from '../../scripts/docs/api-pages.ts';
import { coveragePage } from '../../scripts/docs/coverage.ts';
import {
  laterOperations,
  mustOperations,
  otaOperations,
  shouldOperations,
  subscriptionOperations,
} from '../../scripts/docs/operations.ts';
import type { ActionEntry } from '../../src/contract/action.ts';
import { actions } from '../../src/contract/index.ts';

describe('the documents that are made from the contract', () => {
  const pages = apiPages();

  it('are the index and a page for each family', () => {
    expect(readdirSync('docs/api').sort()).toEqual([...pages.keys()].sort());
  });

  it.each([...pages])('say in docs/api/%s what the contract says (npm run docs writes it anew)', (name, text) => {
    expect(readFileSync(`docs/api/${name}`, 'utf8')).toBe(text);
  });

  it('count what there is and how it is tested (npm run docs writes it anew)', () => {
    expect(readFileSync('API_COVERAGE.md', 'utf8')).toBe(coveragePage());
  });

  it('miss no operation that is promised', () => {
    const there: readonly string[] = actions.map(({ name }) => name);
    const promised = [...otaOperations, ...mustOperations, ...shouldOperations];
    expect(promised.filter((name) => !there.includes(name))).toEqual([]);
  });

  it("tell what the vendor's API has from what it has not", () => {
    const promised = [...otaOperations, ...mustOperations, ...shouldOperations];
    const ofVendor = new Set<string>([...promised, ...laterOperations, ...subscriptionOperations]);
    const extensions = (actions as readonly ActionEntry[]).filter(({ extension }) => extension);
    expect(extensions.filter(({ name }) => ofVendor.has(name))).toEqual([]);
    const unmarked = (actions as readonly ActionEntry[]).filter(
      ({ name, extension }) => !extension && !ofVendor.has(name),
    );
    expect(unmarked).toEqual([]);
  });
});
