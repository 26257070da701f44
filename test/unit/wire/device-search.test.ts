import { describe, expect, it, test } from 'vitest';
import {
  finds,
  parseDeviceSearch,
  productsOf,
  type SearchedDevice,
  type SearchLimits,
} from '../../../src/wire/device-search.ts';

const limits: SearchLimits = { searchLength: 400, searchConditions: 5 };
const lamp: SearchedDevice = {
  fields: { productKey: 'a1Lamp00001', id: 'd1', name: 'lamp-1', nickname: '灯_1', status: 'ONLINE' },
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
    ['active_time > "2020-01-01"', 'field', 'unknown field active_time at position 1'],
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

it('takes long rules where the limits are lifted', () => {
  const text = Array.from({ length: 100 }, (_, index) => `name = "lamp-${index}"`).join(' or ');
  expect(parseDeviceSearch(text, { searchLength: 4_000, searchConditions: 100 }).ok).toBe(true);
});
