import { describe, expect, it } from 'vitest';
import { type ErrorEntry, errors } from '../../src/contract/errors.ts';
import { limitProfiles } from '../../src/contract/limits.ts';
import { objectErrors } from '../../src/contract/object-storage.ts';
import { parseDeviceSearch } from '../../src/wire/device-search-parser.ts';
import { parseDeviceStatement } from '../../src/wire/device-statement.ts';
import { refusalsInChinese, uploadRefusalsInChinese } from '../../web/src/i18n/refusals-zh.ts';
import { serverChinese } from '../../web/src/i18n/server-chinese.ts';

const { sentence, refusal } = serverChinese;
const CHINESE = /\p{Script=Han}/u;

describe('what the server says, in Chinese', () => {
  const all = [
    ...Object.entries<ErrorEntry>(errors).map(([key, entry]) => [key, entry, refusalsInChinese] as const),
    ...Object.entries(objectErrors).map(([key, entry]) => [key, entry, uploadRefusalsInChinese] as const),
  ];
  it.each(all)('is known of %s', (key, { code, message }, table) => {
    const filled = (template: string) => template.replace(/\{(\w+)\}/g, 'x7');
    const chinese = (table as Readonly<Record<string, string>>)[key] ?? '';
    expect(refusal(filled(code), filled(message))).toBe(filled(chinese));
    if (!/^\{\w+\}$/.test(message)) expect(chinese).toMatch(CHINESE);
    // what the server fills in is not lost, but for what was signed
    const named = chinese.match(/\{\w+\}/g) ?? [];
    for (const name of message.match(/\{\w+\}/g) ?? []) if (!/Sign|Canonical/.test(name)) expect(named).toContain(name);
  });

  it.each([
    ['iot.webhook.InvalidUrl', 'The URL is not fit for a webhook: it must begin with https:// or http://.'],
    ['iot.access.InvalidPolicy', 'The Policy parameter is invalid: statement 3: Effect must be Allow or Deny.'],
    ['iot.prod.DeleteProductFailed', 'The product cannot be deleted: it has devices.'],
    ['iot.webhook.InvalidTypes', 'There is no event type a. Name types (a, b), families (ota.task.*) or * for all.'],
  ])('knows what stands within: %s %s', (code, text) => {
    expect(refusal(code, text)).not.toMatch(/it must|statement|it has|There is/);
  });

  it.each([
    '',
    'a',
    'name = 1',
    '(name = "a"',
    'name = "a" order by name',
    'status like "x"',
    'name like "%a"',
    'x = "y"',
  ])('knows what is wrong with a rule: %j', (text) => {
    const parsed = parseDeviceSearch(text, limitProfiles.aliyun);
    const detail = parsed.ok ? '' : parsed.detail;
    const said = refusal('iot.devicesearch.InvalidSQLError', `The expression is invalid: ${detail}.`);
    expect(said.replace(/"[^"]*"|=|!=|LIKE|IN|AND|OR|NOT|order|limit|name|status|x/g, '')).not.toMatch(/[a-z]{2}/);
  });

  it.each([
    '',
    'select * from device where name = "a" limit 0',
    'select * from device where name = "a" limit x',
    'select * from device where name = "a" limit 9999, 50',
    'select * from device where name = "a" order by name',
    'select * from device where name = "a" limit 5 5',
    'select * from device where gmt_create > "now"',
  ])('knows what is wrong with a search: %j', (text) => {
    const parsed = parseDeviceStatement(text, limitProfiles.aliyun);
    const detail = parsed.ok ? '' : parsed.detail;
    const said = refusal('iot.devicesearch.InvalidSQLError', `The expression is invalid: ${detail}.`);
    const named = /"[^"]*"|SELECT|LIMIT|active_time|gmt_\w+|yyyy-MM-dd HH:mm:ss.SSS|name|x/g;
    expect(said.replace(named, '')).not.toMatch(/[a-z]{2}/);
  });

  it('knows why tasks ended and deliveries failed', () => {
    expect(sentence('timeout')).toBe('升级超时');
    expect(sentence('replaced by job 0Vc77')).toBe('已被升级批次 0Vc77 取代');
    expect(sentence('answered 302; redirects are not followed')).toBe('应答 302；不跟随重定向');
    expect(sentence('the address 10.0.0.1 is not public and OTARU_WEBHOOK_ALLOW does not name it')).toContain(
      '10.0.0.1',
    );
    expect(sentence('The device name already exists.')).toBe('设备名称已存在。');
  });

  it('leaves alone what it does not know, as what devices say', () => {
    for (const text of ['', 'flash write failed at position 12', 'E42', 'a field expected, the text ends', '{Detail}'])
      expect(sentence(text)).toBe(text);
    expect(refusal('iot.some.Code', 'The device does not exist.')).toBe('The device does not exist.');
    expect(refusal('', 'HTTP 502')).toBe('HTTP 502');
  });
});
