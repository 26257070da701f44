import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useFormats, useLanguage, useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';

const chartTexts = texts({
  en: { asTable: 'Numbers as a table', time: 'Time', zeros: 'Times at which all of them are 0 are left out.' },
  zh: { asTable: '以表格显示数据', time: '时间', zeros: '不显示全部为 0 的时间点。' },
});

export interface Series {
  readonly name: string;
  /** Custom property of the colour, `--good`. */
  readonly tone: '--good' | '--bad' | '--busy' | '--told' | '--wait' | '--off' | '--accent';
  /** Lines differ by more than their colour. */
  readonly dash?: readonly number[];
  readonly values: readonly number[];
}

interface TimeChartProps {
  readonly label: string;
  /** Milliseconds, ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly height?: number;
}

/** Marks of the axis of numbers: things that are counted have no halves. */
const WHOLE_STEPS = [1, 2, 5]
  .flatMap((first) => Array.from({ length: 9 }, (_, power) => first * 10 ** power))
  .sort((a, b) => a - b);

/** Lines over time; the same numbers can be read as a table. */
export function TimeChart({ label, times, series, height = 220 }: TimeChartProps) {
  const t = useTexts(chartTexts);
  const { language } = useLanguage();
  const formats = useFormats();
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const dark = useDark();

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours and words are read when it is drawn
  useEffect(() => {
    const element = place.current;
    if (!element || width === 0) return;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    const chart = new uPlot(
      {
        width,
        height,
        // half of the last label of the axis of times stands to the right of it
        padding: [null, 36, null, null],
        cursor: { drag: { x: false, y: false } },
        legend: { live: true },
        axes: [
          { ...axis, values: (_chart, ticks, _at, _space, step) => ticks.map((s) => formats.tick(s * 1_000, step)) },
          { ...axis, values: (_chart, ticks) => ticks.map(formats.number), size: 64, incrs: WHOLE_STEPS },
        ],
        scales: { y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] } },
        series: [
          { label: t.time, value: (_chart, seconds) => (seconds == null ? '' : formats.time(seconds * 1_000)) },
          ...series.map(({ name, tone, dash }) => ({
            label: name,
            stroke: colour(tone),
            width: 2,
            ...(dash ? { dash: [...dash] } : {}),
            points: { show: times.length < 2 },
            value: (_chart: uPlot, value: number | null) => (value == null ? '' : formats.number(value)),
          })),
        ],
      },
      [times.map((ms) => ms / 1_000), ...series.map(({ values }) => [...values])],
      element,
    );
    return () => chart.destroy();
  }, [width, height, dark, language, times, series]);

  const rows = times.map((ms, row) => ({ ms, numbers: series.map(({ values }) => values[row] ?? 0) }));
  return (
    <figure className="chart" aria-label={label}>
      <div ref={place} aria-hidden="true" />
      <details>
        <summary>{t.asTable}</summary>
        <p className="soft small">{t.zeros}</p>
        <div className="table-frame">
          <table>
            <thead>
              <tr>
                <th scope="col">{t.time}</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" className="numeric">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows
                .filter(({ numbers }) => numbers.some((number) => number !== 0))
                .map(({ ms, numbers }) => (
                  <tr key={ms}>
                    <th scope="row">{formats.time(ms)}</th>
                    {series.map(({ name }, at) => (
                      <td key={name} className="numeric">
                        {formats.number(numbers[at] ?? 0)}
                      </td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}

function lookOfPage(): string {
  const { colorScheme, backgroundColor } = getComputedStyle(document.body);
  return colorScheme + backgroundColor;
}

/** Redraws when the page turns dark or light. */
function useDark(): string {
  const [look, setLook] = useState(lookOfPage);
  useEffect(() => {
    const changed = () => setLook(lookOfPage());
    const media = matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(changed);
    media.addEventListener('change', changed);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      media.removeEventListener('change', changed);
      observer.disconnect();
    };
  }, []);
  return look;
}
