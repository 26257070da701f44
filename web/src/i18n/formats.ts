import type { Language } from './texts.ts';

/** Numbers, times and sizes as the viewer's language writes them, in the viewer's time zone. */
export interface Formats {
  /** `12,345` */
  number(value: number): string;
  /** `12.5%` of a fraction between 0 and 1; 0% and 100% are nothing and all, not nearly so. */
  percent(fraction: number): string;
  /** `1.5 MB`; decimal units, as storage is sold. */
  bytes(value: number): string;
  /** Date and time to the second. */
  time(ms: number): string;
  /** On an axis whose marks are `step` seconds apart: the time of day, and the date where a day begins. */
  tick(ms: number, step: number): string;
  /** Names in a row, the first twenty of more. */
  list(names: readonly string[]): string;
  /** `2 h 5 min` */
  duration(seconds: number): string;
}

const LISTED = 20;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function createFormats(language: Language): Formats {
  const locale = language === 'zh' ? 'zh-CN' : 'en';
  const number = new Intl.NumberFormat(locale);
  const short = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const timeOfDay = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const date = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' });
  const words = language === 'zh' ? ['天', '小时', '分钟', '秒'] : ['d', 'h', 'min', 's'];
  return {
    number: (value) => number.format(value),
    percent: (fraction) =>
      percent.format(fraction <= 0 || fraction >= 1 ? fraction : Math.min(0.999, Math.max(0.001, fraction))),
    bytes(value) {
      let unit = 0;
      let amount = value;
      // what is rounded to 1,000 is one of the next unit
      while (amount >= 999.95 && unit < UNITS.length - 1) {
        amount /= 1_000;
        unit += 1;
      }
      return `${short.format(amount)} ${UNITS[unit]}`;
    },
    list: (names) => names.slice(0, LISTED).join(language === 'zh' ? '、' : ', ') + (names.length > LISTED ? ' …' : ''),
    time: (ms) => time.format(ms),
    tick(ms, step) {
      const at = new Date(ms);
      const isDay = step >= 86_400 || (at.getHours() === 0 && at.getMinutes() === 0);
      return isDay ? date.format(at) : timeOfDay.format(at);
    },
    duration(seconds) {
      const parts = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60];
      const first = parts.findIndex((part) => part > 0);
      if (first < 0) return `${Math.max(0, Math.round(seconds))} ${words[3]}`;
      return parts
        .slice(first, first + 2)
        .map((part, index) => (part > 0 ? `${part} ${words[first + index]}` : ''))
        .filter((part) => part !== '')
        .join(' ');
    },
  };
}
