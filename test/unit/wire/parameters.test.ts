import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bool, int, list, long, object, required, text } from '../../../src/contract/schema.ts';
import { coerce } from '../../../src/wire/parameters.ts';
import { parsePairs } from '../../../src/wire/percent.ts';

const fields = {
  JobId: text(''),
  PageSize: int(''),
  ScheduleTime: long(''),
  NeedPush: bool(''),
  DeviceName: list(text(''), 3, ''),
  Level: list(int(''), 3, ''),
  Tag: list(object({ Key: required(text('')), Value: required(text('')), Count: int('') }), 2, ''),
  Range: object({ From: required(int('')), To: int('') }),
  Group: list(object({ Id: text(''), Member: list(text(''), 2, '') }), 2, ''),
};
const read = (query: string) => coerce(fields, parsePairs(query));
const value = (query: string) => {
  const result = read(query);
  return result.ok ? result.value : result;
};

describe('parameters of an action', () => {
  it.each<[string, Record<string, unknown>]>([
    ['', {}],
    [
      'JobId=a%20b&PageSize=20&ScheduleTime=1893456000000&NeedPush=TRUE',
      { JobId: 'a b', PageSize: 20, ScheduleTime: 1893456000000, NeedPush: true },
    ],
    ['PageSize=-2147483648&NeedPush=false', { PageSize: -2147483648, NeedPush: false }],
    ['PageSize=2147483647', { PageSize: 2147483647 }],
    ['PageSize=007&ScheduleTime=-0', { PageSize: 7, ScheduleTime: 0 }],
    ['ScheduleTime=9007199254740991', { ScheduleTime: Number.MAX_SAFE_INTEGER }],
    ['jobid=x&Unknown=1&Unknown.1.A=2&JobId.1=x', {}],
    ['JobId=', { JobId: '' }],
    ['PageSize=&ScheduleTime=&NeedPush=', {}],
    ['JobId=a&JobId=a&PageSize=1&PageSize=1', { JobId: 'a', PageSize: 1 }],
  ])('reads scalars of %j', (query, expected) => {
    expect(value(query)).toEqual(expected);
  });

  it.each<[string, Record<string, unknown>]>([
    ['DeviceName.1=a&DeviceName.2=b', { DeviceName: ['a', 'b'] }],
    ['DeviceName.0=a&DeviceName.1=b', { DeviceName: ['a', 'b'] }],
    ['DeviceName.10=c&DeviceName.2=b&DeviceName.1=a', { DeviceName: ['a', 'b', 'c'] }],
    ['DeviceName.999999999=z', { DeviceName: ['z'] }],
    ['DeviceName.1=&DeviceName.1=', { DeviceName: [''] }],
    ['Level.1=1&Level.2=&Level.3=-3', { Level: [1, -3] }],
    ['Level.1=', {}],
    ['DeviceName=', {}],
    [
      'Tag.1.Key=k&Tag.1.Value=&Tag.3.Key=l&Tag.3.Value=w&Tag.3.Count=4',
      {
        Tag: [
          { Key: 'k', Value: '' },
          { Key: 'l', Value: 'w', Count: 4 },
        ],
      },
    ],
    ['Range.From=1&Range.Other=x', { Range: { From: 1 } }],
    ['Group.1.Id=g&Group.1.Member.2=y&Group.1.Member.1=x', { Group: [{ Id: 'g', Member: ['x', 'y'] }] }],
    [
      '__proto__=x&__proto__.JobId=y&constructor.prototype.a=z&Tag.1.__proto__=1&Tag.1.Key=k&Tag.1.Value=v',
      { Tag: [{ Key: 'k', Value: 'v' }] },
    ],
  ])('unflattens %j', (query, expected) => {
    expect(value(query)).toEqual(expected);
  });

  it.each([
    ['PageSize=ten', 'PageSize'],
    ['PageSize=1.5', 'PageSize'],
    ['PageSize=1e3', 'PageSize'],
    ['PageSize=0x10', 'PageSize'],
    ['PageSize=%201', 'PageSize'],
    ['PageSize=2147483648', 'PageSize'],
    ['PageSize=-2147483649', 'PageSize'],
    ['ScheduleTime=9007199254740992', 'ScheduleTime'],
    [`ScheduleTime=${'9'.repeat(400)}`, 'ScheduleTime'],
    ['NeedPush=yes', 'NeedPush'],
    ['NeedPush=1', 'NeedPush'],
    ['JobId=a&JobId=b', 'JobId'],
    ['DeviceName=a', 'DeviceName'],
    ['DeviceName=a&DeviceName.1=a', 'DeviceName'],
    ['DeviceName.x=a', 'DeviceName'],
    ['DeviceName.=a', 'DeviceName'],
    ['DeviceName.-1=a', 'DeviceName'],
    ['DeviceName.1.x=a', 'DeviceName'],
    ['DeviceName.1=a&DeviceName.1=b', 'DeviceName'],
    ['DeviceName.1=a&DeviceName.2=b&DeviceName.3=c&DeviceName.4=d', 'DeviceName'],
    ['Level.1=x', 'Level'],
    ['Tag=[%7B%7D]', 'Tag'],
    ['Tag.1=[object%20Object]', 'Tag'],
    ['Tag.1.Key=k&Tag.1.Value=v&Tag.1.Count=x', 'Tag'],
    ['Range=1', 'Range'],
    ['Group.1.Member.1=a&Group.1.Member.2=b&Group.1.Member.3=c', 'Group'],
  ])('calls %j invalid', (query, parameter) => {
    expect(read(query)).toEqual({ ok: false, problem: 'invalid', parameter });
  });

  it.each([
    ['', 'Job'],
    ['Job=a&Page=', 'Page'],
    ['Job=a&Page=1', 'Name'],
    ['Job=a&Page=1&Name.1=', undefined],
    ['Job=&Page=1&Name.1=x', undefined],
  ])('finds the first required parameter that is missing in %j', (query, parameter) => {
    const must = { Job: required(text('')), Page: required(int('')), Name: required(list(text(''), 9, '')) };
    const result = coerce(must, parsePairs(query));
    expect(result.ok ? undefined : [result.problem, result.parameter]).toEqual(parameter && ['missing', parameter]);
  });

  it.each([
    ['Tag.1.Key=k', 'Tag.1.Value'],
    ['Tag.1.Key=k&Tag.1.Value=v&Tag.07.Value=v', 'Tag.07.Key'],
    ['Tag.1.Other=x', 'Tag.1.Key'],
    ['Range.To=1', 'Range.From'],
  ])('names the whole path of a member that %j lacks', (query, parameter) => {
    expect(read(query)).toEqual({ ok: false, problem: 'missing', parameter });
  });

  it('does not let a parameter reach a prototype', () => {
    value('__proto__.polluted=1&Tag.__proto__.polluted=1&constructor.prototype.polluted=1');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(read('Tag.__proto__.Key=1')).toEqual({ ok: false, problem: 'invalid', parameter: 'Tag' });
  });

  it('takes time in proportion to the request', () => {
    const many = Array.from({ length: 40_000 }, (_, i) => `DeviceName.${i}=d&Tag.${i}.Key=k&x${i}.1.2.3=y`).join('&');
    expect(read(many)).toMatchObject({ ok: false, problem: 'invalid', parameter: 'DeviceName' });
  });

  it('never throws, and what it accepts has the declared types', () => {
    const part = fc.constantFrom('', '0', '1', '02', '1e9', '-1', 'x', 'Key', 'Value', 'Id', 'Member', '__proto__');
    const top = fc.constantFrom(...Object.keys(fields), '__proto__', 'toString', '');
    const name = fc.tuple(top, fc.array(part, { maxLength: 4 })).map(([head, rest]) => [head, ...rest].join('.'));
    const content = fc.oneof(fc.constantFrom('', '1', '-1', 'true', 'x', '{}'), fc.string());
    fc.assert(
      fc.property(fc.array(fc.tuple(name, content), { maxLength: 8 }), (pairs) => {
        const result = coerce(fields, pairs);
        if (!result.ok) return;
        const { PageSize, NeedPush, DeviceName } = result.value;
        expect(PageSize === undefined || Number.isInteger(PageSize)).toBe(true);
        expect(NeedPush === undefined || typeof NeedPush === 'boolean').toBe(true);
        expect(DeviceName === undefined || (Array.isArray(DeviceName) && DeviceName.length > 0)).toBe(true);
        expect(Object.keys(result.value).every((key) => Object.hasOwn(fields, key))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
