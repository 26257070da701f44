import type { ApiClient } from '../src/cli/api-client.ts';
import { type Benchmark, peakMemory, type Row } from './support/benchmark.ts';
import { fillJob } from './support/fill-job.ts';
import { interleave, median } from './support/statistics.ts';

const PAGE = 10;

export const benchList: Benchmark = {
  name: 'list',
  question: 'Is a deep page of ListOTATaskByJob as fast as the first one?',
  engines: ['sqlite', 'postgres'],
  async run({ quick, startServer, note }) {
    const tasks = quick ? 2_000 : 100_000;
    const rounds = quick ? 5 : 300;
    await using server = await startServer();
    const { client } = server;
    const { Data: product } = await client.call('CreateProduct', { ProductName: 'bench', NodeType: 0 });
    note(`filling a job with ${tasks.toLocaleString('en')} tasks`);
    let jobId: string;
    {
      await using store = await server.openStore();
      jobId = await fillJob(store, product.ProductKey, tasks);
    }
    const variants = [
      { what: 'all', share: 1, atMost: 1.3 },
      { what: 'SUCCEEDED (90 %)', status: 'SUCCEEDED', share: 0.9, atMost: 1.5 },
      { what: 'FAILED (1 %)', status: 'FAILED', share: 0.01, atMost: 1.5 },
    ] as const;
    const pages = variants.flatMap((variant) => {
      const status = 'status' in variant ? variant.status : undefined;
      return [1, (tasks * variant.share) / PAGE].map((page) => () => fullPage(client, jobId, page, status));
    });
    const times = await interleave(pages, { rounds, warmUp: 5 });
    const rows = variants.flatMap(({ what, atMost }, index): Row[] => {
      const first = median(times[2 * index] ?? []);
      const last = median(times[2 * index + 1] ?? []);
      return [
        { what: `first page, ${what}`, measured: `${first.toFixed(2)} ms` },
        {
          what: `last page against it, ${what}`,
          measured: `${last.toFixed(2)} ms`,
          value: last / first,
          goal: { atMost },
        },
      ];
    });
    return [...rows, ...(await peakMemory(server))];
  },
};

async function fullPage(client: ApiClient, jobId: string, page: number, status: string | undefined): Promise<void> {
  const answer = await client.call('ListOTATaskByJob', {
    JobId: jobId,
    CurrentPage: page,
    PageSize: PAGE,
    TaskStatus: status,
  });
  if (answer['Data'].SimpleOTATaskInfo.length !== PAGE) throw new Error(`page ${page} is not full`);
}
