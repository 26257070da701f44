import { useMemo } from 'react';
import { useAnswer } from '../../api/hooks.ts';
import { useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Bars } from '../../ui/bars.tsx';
import { Empty } from '../../ui/empty.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { SelectField } from '../../ui/field.tsx';
import { later } from '../../ui/later.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card } from '../../ui/page.tsx';
import { failureCauseTexts } from '../common/failure-causes.ts';
import { overviewTexts } from './overview-texts.ts';

/** Only this page draws lines: they are loaded beside what it asks the server for. */
const TimeChart = later(async () => (await import('../../ui/chart.tsx')).TimeChart);
TimeChart.preload();

const periods = ['HOUR', 'DAY', 'WEEK'] as const;
type Period = (typeof periods)[number];

/** How many tasks came to which end over time, and why some failed. */
export function History() {
  const t = useTexts(overviewTexts);
  const causes: Readonly<Record<string, string>> = useTexts(failureCauseTexts);
  const may = useMay();
  const [search, setSearch] = useParameters();
  const asked = search.get('period');
  const period: Period = periods.find((each) => each === asked) ?? 'DAY';
  const answer = useAnswer(
    'QueryOTAHistory',
    { Period: period },
    { every: 10_000, keepLast: true, when: may('QueryOTAHistory') },
  );
  const data = answer.data?.Data;
  const lines = useMemo(() => {
    const points = data?.Points.HistoryPoint ?? [];
    return {
      times: points.map(({ UtcTime }) => Date.parse(UtcTime)),
      series: [
        { name: t.succeeded, tone: '--good', values: points.map(({ Succeeded }) => Succeeded) },
        { name: t.failed, tone: '--bad', dash: [6, 3], values: points.map(({ Failed }) => Failed) },
        { name: t.notified, tone: '--told', dash: [2, 3], values: points.map(({ Notified }) => Notified) },
        { name: t.canceled, tone: '--off', dash: [8, 3, 2, 3], values: points.map(({ Canceled }) => Canceled) },
      ],
    } as const;
  }, [data, t]);
  if (!may('QueryOTAHistory')) return null;
  return (
    <>
      <Card
        title={t.throughput}
        tools={
          <SelectField
            label={t.period}
            value={period}
            onChange={(value) => setSearch({ period: value }, true)}
            options={periods.map((value) => ({ value, name: t.periods[value] }))}
          />
        }
      >
        {!data && (answer.error ? <ErrorNote error={answer.error} /> : <Loading />)}
        {data && <TimeChart label={t.throughput} times={lines.times} series={lines.series} />}
      </Card>
      {data && (
        <Card title={`${t.failures} · ${t.periods[period]}`}>
          {data.FailureCauses.FailureCause.length === 0 ? (
            <Empty title={t.noFailures} />
          ) : (
            <Bars
              label={t.failures}
              bars={data.FailureCauses.FailureCause.map(({ Cause, Count }) => ({
                name: causes[Cause] ?? Cause,
                value: Count,
              }))}
            />
          )}
        </Card>
      )}
    </>
  );
}
