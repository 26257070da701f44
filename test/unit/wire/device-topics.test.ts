import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firmwareGetTopic,
  getReplyTopic,
  informTopic,
  kindOfOwnTopic,
  mayPublish,
  maySubscribe,
  parseDeviceTopic,
  progressTopic,
  requestTopic,
  upgradeTopic,
} from '../../../src/wire/device-topics.ts';

const own = { productKey: 'pk', deviceName: 'dn' };

describe('parseDeviceTopic', () => {
  it.each([
    [informTopic('pk', 'dn'), 'inform'],
    [progressTopic('pk', 'dn'), 'progress'],
    [requestTopic('pk', 'dn'), 'request'],
    [firmwareGetTopic('pk', 'dn'), 'firmwareGet'],
    ['/sys/pk/dn/thing/file/download', 'fileDownload'],
    [upgradeTopic('pk', 'dn'), 'other'],
    [getReplyTopic('pk', 'dn'), 'other'],
    ['/ota/device/inform/pk/dn/more', 'other'],
    ['/sys/pk/dn/thing/event/property/post', 'other'],
    ['/shadow/update/pk/dn', 'other'],
    ['/ext/session/pk/dn/combine/login', 'other'],
    ['/ext/ntp/pk/dn/request', 'other'],
    ['/pk/dn/user/update', 'other'],
  ])('knows %s', (topic, kind) => {
    expect(parseDeviceTopic(topic)).toEqual({ kind, productKey: 'pk', deviceName: 'dn' });
  });

  it.each([
    '',
    '/',
    'a',
    '/ota/device/inform/pk',
    '/ota/device/inform//dn',
    '/ota/device/inform/pk/',
    '/ota/other/inform/pk/dn',
    'ota/device/inform/pk/dn',
    '/sys/pk',
    '/broadcast/pk/news',
    '/ext/register',
  ])('finds no device in %j', (topic) => {
    expect(parseDeviceTopic(topic)).toBeUndefined();
  });
});

describe('topic authorisation (device-protocol 1.6)', () => {
  const both = [
    '/ota/device/inform/pk/dn',
    '/ota/device/upgrade/pk/dn',
    '/ota/device/request/pk/dn',
    '/sys/pk/dn/thing/ota/firmware/get',
    '/sys/pk/dn/thing/sub/register',
    '/sys/pk/dn/rrpc/request/123',
    '/shadow/update/pk/dn',
    '/shadow/get/pk/dn',
    '/ext/session/pk/dn/combine/login',
    '/ext/ntp/pk/dn/request',
    '/ext/rrpc/123/pk/dn/user/get',
    '/ext/register',
    '/ext/regnwl',
    '/pk/dn/user/update',
    '/pk/dn/update',
  ];
  const filters = [
    '/ota/device/+/pk/dn',
    '/sys/pk/dn/#',
    '/sys/pk/dn/rrpc/request/+',
    '/sys/pk/dn/thing/+/+/post_reply',
    '/shadow/+/pk/dn',
    '/ext/rrpc/#',
    '/ext/rrpc/+/#',
    '/ext/session/pk/dn/combine/+',
    '/pk/dn/user/#',
    '/broadcast/pk/+',
    '/broadcast/pk/#',
    '/broadcast/pk/news',
  ];
  const neither = [
    '',
    '/',
    '#',
    '+',
    '/#',
    '/+/+/user/get',
    '/pk/+/user/get',
    '/sys/#',
    '/sys/+/dn/thing',
    '/sys/pk/#',
    '/sys/pk/+/thing/#',
    '/sys/pk/dn',
    '/pk/dn',
    '/ota/#',
    '/ota/device/#',
    '/ota/device/upgrade/pk/+',
    '/ota/+/upgrade/pk/dn',
    '/shadow/#',
    '/ext/#',
    '/ext/+/#',
    '/ext/+',
    '/ext/session/pk/other/combine/login',
    '/broadcast/#',
    '/broadcast/other/news',
    '/broadcast/pk',
    '/other/dn/user/get',
    '/pk/other/user/get',
    '/sys/pk/other/thing/x',
    '/ota/device/upgrade/pk/other',
    '$share/group/sys/pk/dn/#',
    '$share/group//sys/pk/dn/thing',
    '$SYS/broker',
    'sys/pk/dn/thing',
    '/sys/pk/dn/thing#',
    '/sys/pk/dn/#/thing',
    '/sys/pk/dn/a+',
    '/sys/pk/dn/a\0',
  ];

  it.each(both)('lets a device publish and subscribe to %s', (topic) => {
    expect([mayPublish(own, topic), maySubscribe(own, topic)]).toEqual([true, true]);
  });
  it.each(filters)('lets it subscribe to %s, not publish', (filter) => {
    expect([mayPublish(own, filter), maySubscribe(own, filter)]).toEqual([false, true]);
  });
  it.each(neither)('refuses %j', (topic) => {
    expect([mayPublish(own, topic), maySubscribe(own, topic)]).toEqual([false, false]);
  });

  const name = fc.stringMatching(/^[A-Za-z0-9_@.:-]{4,32}$/);
  const level = fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/);
  const rest = fc.array(level, { minLength: 1, maxLength: 3 }).map((levels) => levels.join('/'));
  const topicsOf = (pk: string, dn: string, word: string, tail: string) => [
    `/ota/device/${word}/${pk}/${dn}`,
    `/sys/${pk}/${dn}/${tail}`,
    `/shadow/${word}/${pk}/${dn}`,
    `/ext/session/${pk}/${dn}/${tail}`,
    `/${pk}/${dn}/user/${tail}`,
  ];

  it('always allows a device its own topics', () => {
    fc.assert(
      fc.property(name, name, level, rest, (productKey, deviceName, word, tail) => {
        for (const topic of topicsOf(productKey, deviceName, word, tail)) {
          expect(mayPublish({ productKey, deviceName }, topic)).toBe(true);
          expect(maySubscribe({ productKey, deviceName }, topic)).toBe(true);
        }
      }),
    );
  });

  it('knows what each of them is for, and nothing of those that are not its own', () => {
    const piece = fc.oneof(name, level, fc.constantFrom('', '/', 'pk', 'dn', 'inform', 'progress', '+', '#', '\0'));
    const topics = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((levels) => levels.join('/')),
      fc
        .tuple(fc.constantFrom('inform', 'progress', 'request', 'upgrade', ''), piece, piece)
        .map((levels) => `/ota/device/${levels.join('/')}`),
      fc.constantFrom(...both, ...filters, ...neither),
    );
    const device = fc.record({
      productKey: fc.oneof(fc.constant('pk'), name),
      deviceName: fc.oneof(fc.constant('dn'), name),
    });
    const slowly = (self: typeof own, topic: string) =>
      mayPublish(self, topic) ? (parseDeviceTopic(topic)?.kind ?? 'other') : undefined;
    fc.assert(
      fc.property(device, topics, level, (self, topic, word) => {
        expect(kindOfOwnTopic(self, topic)).toBe(slowly(self, topic));
        const { productKey, deviceName } = self;
        for (const mine of [...topicsOf(productKey, deviceName, word, word), informTopic(productKey, deviceName)]) {
          for (const one of [mine, mine.slice(1), `${mine}/`, `${mine}x`, mine.replace(productKey, `${productKey}x`)]) {
            expect(kindOfOwnTopic(self, one)).toBe(slowly(self, one));
          }
        }
      }),
    );
    expect(kindOfOwnTopic(own, '/ota/device/progress/pk/dn')).toBe('progress');
    expect(kindOfOwnTopic(own, '/ota/device/progress/pk/other')).toBeUndefined();
  });

  it("never allows another device's topics, with whatever wildcards", () => {
    const device = fc.record({ productKey: name, deviceName: name });
    fc.assert(
      fc.property(device, device, level, rest, fc.integer({ min: 1, max: 7 }), (self, other, word, tail, at) => {
        fc.pre(self.productKey !== other.productKey || self.deviceName !== other.deviceName);
        for (const topic of topicsOf(other.productKey, other.deviceName, word, tail)) {
          expect(mayPublish(self, topic)).toBe(false);
          expect(maySubscribe(self, topic)).toBe(false);
          // a wildcard in place of any level must not open it either
          const levels = topic.split('/');
          expect(maySubscribe(self, levels.with(Math.min(at, levels.length - 1), '+').join('/'))).toBe(false);
          expect(maySubscribe(self, [...levels.slice(0, at), '#'].join('/'))).toBe(false);
        }
      }),
    );
  });
});
