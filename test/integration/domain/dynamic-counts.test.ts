import { expect, it } from 'vitest';
import { countTasksOfDevices } from '../../../src/store/queries/dynamic-jobs.ts';
import { insertJob } from '../../../src/store/queries/jobs.ts';
import { eachEngine } from '../../support/engines.ts';
import { jobRow } from '../../support/job-row.ts';
import { taskRow } from '../store/rows.ts';

/** Together more than the parameters that a statement can have: 32,766 on SQLite. */
const DEVICES = 1_000;
const TASKS_EACH = 33;

eachEngine('the tasks of a thousand devices in a dynamic job', (database) => {
  it('are counted however many each of them was given', async () => {
    const engine = await database.open();
    const tasks = Array.from({ length: DEVICES * TASKS_EACH }, (_, seq) =>
      taskRow(seq, { device_id: `d-${seq % DEVICES}`, device_name: `n-${seq % DEVICES}`, active_module: null }),
    );
    await engine.transaction(async (tx) => {
      await insertJob(tx, jobRow({ selection: 'DYNAMIC', task_total: tasks.length }), []);
      await tx.bulkInsert('task', tasks);
    });
    const names = Array.from({ length: DEVICES }, (_, index) => `n-${index}`);
    const counts = await countTasksOfDevices(engine.read, 'j', [...names, 'n-without']);
    expect(counts).toEqual(new Map(names.map((_, index) => [`d-${index}`, TASKS_EACH])));
  });
});
