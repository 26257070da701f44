import { describe, expect, it, test } from 'vitest';
import {
  finds,
  idsOf,
  namesOf,
  productsOf,
  type SearchedDevice,
  withoutBeginning,
} from '../../../src/wire/device-search.ts';
import { parseDeviceSearch } from '../../../src/wire/device-search-parser.ts';
import { parseDeviceStatement } from '../../../src/wire/device-statement.ts';
import type { SearchLimits } from '../../../src/wire/search-tokens.ts';

const limits: SearchLimits = { searchLength: 400, searchConditions: 5 };
const lamp: SearchedDevice = {
  fields: { productKey: 'a1Lamp00001', id: 'd1', name: 'lamp-1', nickname: '灯_1', status: 'ONLINE' },
  times: {
    createdAt: Date.parse('2030-01-01T08:00:00Z'),
    modifiedAt: Date.parse('2030-01-02T00:00:00Z'),
    activeAt: null,
  },
  groups: ['hall'],
  tag: [
    { name: 'color', value: 'red' },
    { name: 'city', value: '杭州' },
  ],
  module: [
    { name: 'default', value: '1.0' },
    { name: 'mcu', value: '2.0' },
  ],
};

function parsed(text: string) {
  const result = parseDeviceSearch(text, limits);
  if (!result.ok) throw new Error(result.detail);
  return result.search;
}

describe('a search finds a device', () => {
  test.each([
    ['product_key = "a1Lamp00001"', true],
    ['product_key = "a1lamp00001"', false],
    ["product_key = 'a1Lamp00001' and name LIKE 'lamp%'", true],
    ['name like "lamp_1%"', false],
    ['name like "lamp-1"', true],
    ['name like "%"', true],
    ['name != "lamp-1"', false],
    ['name <> "lamp-2"', true],
    ['name not like "door%"', true],
    ['iot_id in ("d0", "d1")', true],
    ['iot_id not in ("d0", "d1")', false],
    ['nickname = "灯_1"', true],
    ['STATUS = "ONLINE" AND NAME = "lamp-1"', true],
    ['status not in ("ONLINE")', false],
    ['group.group_id = "hall"', true],
    ['group.group_id != "hall"', false],
    ['group.group_id != "roof"', true],
    ['not group.group_id in ("roof", "yard")', true],
    ['gmt_create = "2030-01-01 16:00:00"', true],
    ['gmt_create < "2030-01-01 16:00:00.001"', true],
    ['gmt_create != "2030-01-01 16:00:00.000"', false],
    ['gmt_modified >= "2030-01-02 08:00:00.001"', false],
    ['active_time > "1970-01-01 08:00:00"', false],
    ['active_time <= "2099-01-01 08:00:00"', false],
    ['active_time != "2030-01-01 16:00:00"', false],
    ['not active_time > "1970-01-01 08:00:00"', true],
  ])('%s: %s', (text, expected) => expect(finds(parsed(text), lamp)).toBe(expected));

  test.each([
    ['AND binds closer than OR', 'name = "x" or name = "lamp-1" and status = "OFFLINE"', false],
    ['parentheses bind first', '(name = "x" or name = "lamp-1") and status = "ONLINE"', true],
    ['NOT binds closer than AND', 'not name = "x" and status = "ONLINE"', true],
    ['a double NOT', 'not not name = "lamp-1"', true],
  ])('%s', (_, text, expected) => expect(finds(parsed(text), lamp)).toBe(expected));

  test.each([
    ['name and value are of one tag', 'tag.tag_name = "color" and tag.tag_value = "red"', true],
    ['and not of two', 'tag.tag_name = "color" and tag.tag_value = "杭州"', false],
    ['in either order', 'tag.tag_value = "杭州" and tag.tag_name = "city"', true],
    ['also when others stand between', 'tag.tag_name = "color" and name = "lamp-1" and tag.tag_value = "杭州"', false],
    [
      'a second name begins a second tag',
      'tag.tag_name = "color" and tag.tag_value = "red" and tag.tag_name = "city" and tag.tag_value = "杭州"',
      true,
    ],
    ['parentheses part them', '(tag.tag_name = "color") and tag.tag_value = "杭州"', true],
    ['of another value', 'tag.tag_name = "color" and tag.tag_value != "red"', false],
    ['no such tag', 'not tag.tag_name = "size"', true],
    ['module and version', 'ota_module.name = "mcu" and ota_module.version in ("1.0", "2.0")', true],
    ['the version of another module', 'ota_module.name = "mcu" and ota_module.version = "1.0"', false],
    ['a version of any module', 'ota_module.version = "2.0"', true],
  ])('%s', (_, text, expected) => expect(finds(parsed(text), lamp)).toBe(expected));
});

describe('a refused search says what is wrong and where', () => {
  test.each([
    ['', 'syntax', 'a field expected, the text ends at position 1'],
    ['name = "a" status = "b"', 'syntax', 'AND or OR expected, found "status" at position 12'],
    ['name = "a" and', 'syntax', 'a field expected, the text ends at position 15'],
    ['(name = "a"', 'syntax', '")" expected, the text ends at position 12'],
    ['name = "a', 'syntax', 'unexpected "\\"" at position 8'],
    ['name = “a”', 'syntax', 'unexpected "“" at position 8'],
    ['name = "a"; drop', 'syntax', 'unexpected ";" at position 11'],
    ['"name" = "a"', 'syntax', 'a field expected, found "name" at position 1'],
    ['color = "red"', 'field', 'unknown field color at position 1'],
    ['active_time > "2020-01-01"', 'parameter', 'no time as yyyy-MM-dd HH:mm:ss.SSS: "2020-01-01" at position 15'],
    ['active_time like "2020%"', 'operator', '=, !=, <, <=, > or >= expected, found "like" at position 13'],
    ['name > "a"', 'operator', '=, !=, LIKE or IN expected, found ">" at position 6'],
    ['name not = "a"', 'operator', '=, !=, LIKE or IN expected, found "=" at position 10'],
    ['status like "ON%"', 'operator', 'a status is compared by = or IN at position 13'],
    ['name = lamp', 'parameter', 'a text in quotes expected, found "lamp" at position 8'],
    ['status = "online"', 'parameter', 'no status: "online" at position 10'],
    ['name like "%lamp"', 'parameter', 'LIKE takes % at the end only at position 11'],
    ['name = "a" order by active_time', 'order', 'a group has no order at position 12'],
    ['name = "a" limit 10', 'offset', 'a group has no limit at position 12'],
    [Array.from({ length: 6 }, () => 'name = "a"').join(' or '), 'condition', 'more than 5 conditions at position 71'],
    [
      `${'('.repeat(21)}name = "a"${')'.repeat(21)}`,
      'condition',
      'conditions nest in more than 20 levels at position 21',
    ],
    [`name = "${'a'.repeat(400)}"`, 'syntax', 'more than 400 characters'],
  ])('%s', (text, problem, detail) => expect(parseDeviceSearch(text, limits)).toEqual({ ok: false, problem, detail }));
});

describe('the products that a search is limited to', () => {
  test.each([
    ['product_key = "a"', ['a']],
    ['product_key in ("a", "b", "a") and status = "ONLINE"', ['a', 'b']],
    ['product_key = "a" or product_key = "b"', ['a', 'b']],
    ['product_key = "a" and product_key = "b"', []],
    ['product_key = "a" or status = "ONLINE"', undefined],
    ['product_key != "a"', undefined],
    ['not product_key = "a"', undefined],
    ['product_key like "a%"', undefined],
    ['tag.tag_name = "a"', undefined],
  ])('%s: %j', (text, keys) => expect(productsOf(parsed(text))).toEqual(keys));
});

describe('the statement of a search', () => {
  const read = (text: string) => parseDeviceStatement(text, limits);
  const where = 'where name = "lamp-1"';

  test.each([
    [`select * from device ${where}`, { offset: 0, limit: 20, order: undefined }],
    [`SELECT * FROM DEVICE ${where.toUpperCase()} LIMIT 50`, { offset: 0, limit: 50 }],
    [`select * from device ${where} limit 9950, 50`, { offset: 9_950, limit: 50 }],
    [`select * from device ${where} order by active_time`, { order: { field: 'activeAt', descending: false } }],
    [
      `select * from device ${where} order by gmt_create desc limit 1`,
      { order: { field: 'createdAt', descending: true }, limit: 1 },
    ],
    [`select count(*) from device ${where}`, { select: 'count' }],
    [
      `select name, ota_module.version from device ${where} order by gmt_modified asc`,
      { select: new Set(['name', 'ota_module.version']), order: { field: 'modifiedAt', descending: false } },
    ],
  ])('%s', (text, expected) => expect(read(text)).toMatchObject({ ok: true, statement: expected }));

  test.each([
    ['', 'syntax', 'SELECT expected, the text ends at position 1'],
    [where, 'syntax', 'SELECT expected, found "where" at position 1'],
    ['select from device', 'field', 'unknown field from at position 8'],
    ['select "name" from device', 'syntax', 'a field expected, found "name" at position 8'],
    ['select color from device', 'field', 'unknown field color at position 8'],
    ['select count(name) from device', 'syntax', '"*" expected, found "name" at position 14'],
    [`select * from task ${where}`, 'syntax', 'DEVICE expected, found "task" at position 15'],
    ['select * from device', 'syntax', 'WHERE expected, the text ends at position 21'],
    ['select * from device where', 'syntax', 'a field expected, the text ends at position 27'],
    [`select * from device ${where} order name`, 'syntax', 'BY expected, found "name" at position 50'],
    [
      `select * from device ${where} order by name`,
      'order',
      'the order can be by active_time, gmt_create or gmt_modified at position 53',
    ],
    [`select * from device ${where} limit`, 'offset', 'a number expected, the text ends at position 49'],
    [`select * from device ${where} limit "5"`, 'offset', 'a number expected, found "5" at position 50'],
    [`select * from device ${where} limit 0`, 'offset', 'LIMIT takes 1 to 50 devices at position 44'],
    [`select * from device ${where} limit 51`, 'offset', 'LIMIT takes 1 to 50 devices at position 44'],
    [
      `select * from device ${where} limit 9951, 50`,
      'offset',
      'LIMIT reaches the first 10000 devices only at position 44',
    ],
    [`select * from device ${where} limit 5; drop`, 'syntax', 'unexpected ";" at position 51'],
    [`select * from device ${where} limit 5 union`, 'syntax', 'the end expected, found "union" at position 52'],
  ])('is refused: %s', (text, problem, detail) => expect(read(text)).toEqual({ ok: false, problem, detail }));
});

describe('what a search may find is limited', () => {
  test.each([
    ['product_key = "p" and name like "a%"', { kind: 'prefix', prefix: 'a', negated: false }, undefined],
    ['name like "a%" and name in ("ab", "ac")', { kind: 'in', values: ['ab', 'ac'], negated: false }, undefined],
    ['name like "a%" or nickname like "a%"', undefined, undefined],
    ['name not like "a%" and iot_id = "d"', undefined, ['d']],
    ['not name = "a" and iot_id like "d%"', undefined, undefined],
  ])('%s', (text, names, ids) => {
    expect(namesOf(parsed(text))).toEqual(names);
    expect(idsOf(parsed(text))).toEqual(ids);
  });
});

test.each([
  ['name like "a%"', undefined],
  ['name like "ab%"', 'name like "ab%"'],
  ['name not like "a%"', 'name not like "a%"'],
  ['product_key = "p" and (status = "ONLINE" and name like "a%")', 'product_key = "p" and status = "ONLINE"'],
  ['(name like "a%" and name like "a%") and iot_id = "d"', 'iot_id = "d"'],
  ['iot_id = "d" or name like "a%"', 'iot_id = "d" or name like "a%"'],
])('of names that begin with a, %s leaves to look at %s', (text, rest) => {
  const left = withoutBeginning(parsed(text), 'a');
  for (const name of ['a', 'ab'])
    for (const status of ['ONLINE', 'OFFLINE'])
      for (const productKey of ['p', 'q'])
        for (const id of ['d', 'e']) {
          const device = { ...lamp, fields: { ...lamp.fields, name, status, productKey, id } };
          const found = left === undefined || finds(left, device);
          expect(found).toBe(rest === undefined || finds(parsed(rest), device));
          expect(found).toBe(finds(parsed(text), device));
        }
});

it('takes long rules where the limits are lifted', () => {
  const text = Array.from({ length: 100 }, (_, index) => `name = "lamp-${index}"`).join(' or ');
  expect(parseDeviceSearch(text, { searchLength: 4_000, searchConditions: 100 }).ok).toBe(true);
});
