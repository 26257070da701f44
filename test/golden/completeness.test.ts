import { describe, expect, it } from 'vitest';
import { codeOf, goldenCalls, isSuccess } from '../../scripts/docs/golden.ts';
import { errors } from '../../src/contract/errors.ts';
import { actions } from '../../src/contract/index.ts';

/** What any operation may answer without listing it. */
const everywhere = ['common.permissionDenied', 'instance.notFound'] as const;

describe.each(['json', 'xml'] as const)('the golden answers in %s', (format) => {
  it.each(actions)('of $name show a success and every error that its entry lists, and no other', (entry) => {
    const calls = goldenCalls(entry.name, format);
    expect(calls.some(isSuccess)).toBe(true);
    const listed = new Set(entry.errors.map((key) => errors[key].code as string));
    const codes = new Set(calls.flatMap((call) => codeOf(call) ?? []).filter((code) => code.startsWith('iot.')));
    for (const key of everywhere) if (!listed.has(errors[key].code)) codes.delete(errors[key].code);
    expect([...codes].sort()).toEqual([...listed].sort());
  });
});
