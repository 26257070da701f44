import { errors } from '../../../src/contract/errors.ts';
import { objectErrors } from '../../../src/contract/object-storage.ts';
import { refusalsInChinese, uploadRefusalsInChinese } from './refusals-zh.ts';
import type { ServerWords } from './server-words.ts';

type Pairs = readonly (readonly [english: string, chinese: string])[];

/** Of tasks and deliveries. What a device says stands in the same places and stays as it is. */
const sentences: Pairs = [
  ['timeout', '升级超时'],
  ['update failed', '升级失败'],
  ['download failed', '下载失败'],
  ['verification failed', '校验失败'],
  ['flashing failed', '烧写失败'],
  ['report version is not conform', '上报的版本号与目标版本号不符'],
  ['canceled on request', '已按请求取消'],
  ['the scheduled end was reached', '已到计划结束时间'],
  ['the device was deleted', '设备已被删除'],
  ['the device has an unfinished task of another job', '设备有其他升级批次的未完成任务'],
  ['replaced by job {Job}', '已被升级批次 {Job} 取代'],
  ['answered {Status}; redirects are not followed', '应答 {Status}；不跟随重定向'],
  ['answered {Status}', '应答 {Status}'],
  ['no answer within {Seconds} s', '{Seconds} 秒内没有应答'],
  ['the server was stopped', '服务器已停止'],
  ['the host name is not known', '无法解析主机名'],
  ['the name server does not answer', '域名服务器没有应答'],
  ['the connection was refused', '连接被拒绝'],
  ['the connection was closed before an answer came', '连接在应答之前被关闭'],
  ['the connection was not made in time', '连接超时'],
  ['the host cannot be reached', '无法访问该主机'],
  ['the network cannot be reached', '无法访问该网络'],
  [
    'the address {Address} is not public and OTARU_WEBHOOK_ALLOW does not name it',
    '地址 {Address} 不是公网地址，也不在 OTARU_WEBHOOK_ALLOW 之中',
  ],
  ['switched off by the operator', '已由管理员停用'],
  ['the receiver answered 410', '接收方应答 410'],
  ['nothing was delivered for 5 days', '连续 5 天没有送达'],
  // names that cannot be registered
  ...(['malformedName', 'malformedNickname', 'nameTaken', 'countExceeded'] as const).map(
    (key) => [errors[`device.${key}`].message, refusalsInChinese[`device.${key}`]] as const,
  ),
];

/** What stands within refusals. */
const details: Pairs = [
  ['it must begin with https:// or http://', '须以 https:// 或 http:// 开头'],
  ['it may hold no user name and no password, deliveries are signed instead', '不能包含用户名和密码，推送以签名验证'],
  ['it may hold no white space', '不能包含空白字符'],
  ['it may have at most {Most} characters', '最多 {Most} 个字符'],
  [
    'There is no event type {Type}. Name types ({Types}), families (ota.task.*) or * for all.',
    '没有事件类型 {Type}。可填写类型（{Types}）、类型族（ota.task.*）或表示全部的 *。',
  ],
  [
    'Name a type. Name types ({Types}), families (ota.task.*) or * for all.',
    '请填写类型（{Types}）、类型族（ota.task.*）或表示全部的 *。',
  ],
  ['it is too long', '内容过长'],
  ['the policy is not JSON', '不是有效的 JSON'],
  ['the policy must have "Version": "1"', '须包含 "Version": "1"'],
  ['statement {Number}: Effect must be Allow or Deny', '第 {Number} 条语句：Effect 须为 Allow 或 Deny'],
  [
    'statement {Number}: Action must be a text or a list of texts such as "iot:Query*"',
    '第 {Number} 条语句：Action 须为文本或文本列表，如 "iot:Query*"',
  ],
  [
    'statement {Number}: Resource must be a text or a list of texts, usually "*"',
    '第 {Number} 条语句：Resource 须为文本或文本列表，通常为 "*"',
  ],
  ['it has devices.', '产品下还有设备。'],
  ['an update batch is not finished.', '还有未完成的升级批次。'],
  ['a group holds at most {Most} devices.', '一个分组最多有 {Most} 个设备。'],
  ['it has {Count} files, not one.', '它有 {Count} 个文件，须恰好一个。'],
  ['its file is larger than {Most} bytes.', '其文件大于 {Most} 字节。'],
  [
    'download URL has {Length} characters, devices take {Most}: shorten the public URL {Url}',
    '下载地址有 {Length} 个字符，设备最多接受 {Most} 个：请缩短公网地址 {Url}',
  ],
  ['{What} at position {At}', '{What}（第 {At} 个字符）'],
  ['{What} expected, the text ends', '应为{What}，但文本已结束'],
  ['{What} expected, found {Found}', '应为{What}，实际为 {Found}'],
  ['a field', '字段'],
  ['a number', '数字'],
  ['the end', '结尾'],
  ['a text in quotes', '引号中的文本'],
  ['more than {Most} characters', '超过 {Most} 个字符'],
  ['more than {Most} conditions', '超过 {Most} 个条件'],
  ['conditions nest in more than {Most} levels', '条件嵌套超过 {Most} 级'],
  ['unexpected {Found}', '意外的 {Found}'],
  ['unknown field {Field}', '未知字段 {Field}'],
  ['no status: {Found}', '不是有效状态：{Found}'],
  ['a status is compared by = or IN', '状态只能用 = 或 IN 比较'],
  ['LIKE takes % at the end only', 'LIKE 的 % 只能在末尾'],
  ['no time as yyyy-MM-dd HH:mm:ss.SSS: {Found}', '不是 yyyy-MM-dd HH:mm:ss.SSS 格式的时间：{Found}'],
  [
    'the order can be by active_time, gmt_create or gmt_modified',
    '只能按 active_time、gmt_create 或 gmt_modified 排序',
  ],
  ['LIMIT takes 1 to {Most} devices', 'LIMIT 可取 1 至 {Most} 个设备'],
  ['LIMIT reaches the first {Most} devices only', 'LIMIT 只能到前 {Most} 个设备'],
  [
    'more than {Most} devices would have to be looked at: name a product and how names begin',
    '需查看的设备超过 {Most} 个：请指定产品和名称的开头',
  ],
  ['a group has no order', '分组不支持排序'],
  ['a group has no limit', '分组不支持限制数量'],
  ['a character that cannot be stored', '包含无法保存的字符'],
];

interface Saying {
  readonly fits: RegExp;
  readonly chinese: string;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** @param template in which `{Name}` stands for any text */
function sayingOf(template: string, chinese: string): Saying {
  const parts = template.split(/\{(\w+)\}/).map((part, at) => (at % 2 === 1 ? `(?<${part}>.*?)` : escaped(part)));
  return { fits: new RegExp(`^${parts.join('')}$`, 's'), chinese };
}

const sayingsOf = (pairs: Pairs) => pairs.map(([english, chinese]) => sayingOf(english, chinese));
const knownSentences = sayingsOf(sentences);
const knownDetails = sayingsOf(details);

const openness = ({ saying }: { readonly saying: Saying }) => saying.fits.source.split('(?<').length;

/** Those first that fit the fewest texts. */
const refusals = [
  ...Object.entries(errors).map(([key, entry]) => ({
    code: sayingOf(entry.code, '').fits,
    saying: sayingOf(entry.message, refusalsInChinese[key as keyof typeof errors]),
  })),
  ...Object.entries(objectErrors).map(([key, { code, message }]) => ({
    code: sayingOf(code, '').fits,
    saying: sayingOf(message, uploadRefusalsInChinese[key as keyof typeof objectErrors]),
  })),
].sort((one, other) => openness(one) - openness(other));

/** @returns the sentence itself where there is no Chinese of it */
function chineseOf(text: string, known: readonly Saying[]): string {
  for (const { fits, chinese } of known) {
    const match = fits.exec(text);
    if (match) return filled(chinese, match.groups);
  }
  return text;
}

/** What is within a sentence may be one itself. */
const filled = (chinese: string, groups: Readonly<Record<string, string>> = {}): string =>
  chinese.replace(/\{(\w+)\}/g, (_, name: string) => chineseOf(groups[name] ?? '', knownDetails));

/** The server's sentences in Chinese. */
export const serverChinese: ServerWords = {
  sentence: (text) => chineseOf(text, knownSentences),
  refusal(code, text) {
    for (const refusal of refusals) {
      const match = refusal.code.test(code) && refusal.saying.fits.exec(text);
      if (match) return filled(refusal.saying.chinese, match.groups);
    }
    return text;
  },
};
