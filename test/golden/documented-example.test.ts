import { XMLParser } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { ListOTATaskByJob } from '../../src/actions/job/ListOTATaskByJob.ts';
import { limitProfiles } from '../../src/contract/limits.ts';
import { createAccount, resolveScope } from '../../src/domain/accounts.ts';
import { createFigures } from '../../src/domain/figures.ts';
import { success } from '../../src/http/answer.ts';
import { createVault } from '../../src/lib/vault.ts';
import { insertJob } from '../../src/store/queries/jobs.ts';
import { insertTasks, type TaskRow } from '../../src/store/queries/tasks.ts';
import { openTestBlobs } from '../support/blobs.ts';
import { eachEngine } from '../support/engines.ts';
import { countingIds } from '../support/ids.ts';
import { jobRow } from '../support/job-row.ts';
import { createTestClock } from '../support/test-clock.ts';

/** The documented answers of ListOTATaskByJob (openapi-ota 4.15), with RequestId and ids written out. */
const documentedJson =
  '{"RequestId":"A59D3BE1-0000-0000-0000-000000000000","Success":true,"Total":1,"PageSize":10,"PageCount":1,"CurrentPage":1,"Data":{"SimpleOTATaskInfo":[{"TaskId":"y3tOmCDNgpR8F9jnVEzC01abcd","JobId":"7glPHmaDYLAYMD1HHutT02abcd","FirmwareId":"q3j9OYBj","IotId":"nadRdeff","ProductKey":"a1GUfrMabcd","ProductName":"Lamp","DeviceName":"dev2","SrcVersion":"1.0.0","DestVersion":"1.0.1","TaskStatus":"FAILED","TaskDesc":"report version is not conform","Progress":"0.00","Timeout":"1440","UtcCreate":"2019-11-04T03:38:22.000Z","UtcModified":"2019-11-04T03:38:22.000Z"}]}}';
const documentedXml =
  '<ListOTATaskByJobResponse><PageCount>1</PageCount><Data><SimpleOTATaskInfo><SrcVersion>1.0.0</SrcVersion><DeviceName>dev1</DeviceName><FirmwareId>q3j9</FirmwareId><IotId>SR8F</IotId><ProductKey>a1GUfrMabcd</ProductKey><JobId>7glP</JobId><TaskDesc/><DestVersion>1.0.1</DestVersion><Timeout>1440</Timeout><UtcCreate>2019-11-04T03:38:15.000Z</UtcCreate><UtcModified>2019-11-04T03:38:15.000Z</UtcModified><TaskStatus>SUCCEEDED</TaskStatus><ProductName>Lamp</ProductName><TaskId>y3tO</TaskId><Progress>100.00</Progress></SimpleOTATaskInfo></Data><PageSize>10</PageSize><RequestId>A59D</RequestId><CurrentPage>1</CurrentPage><Success>true</Success><Total>1</Total></ListOTATaskByJobResponse>';

const parser = new XMLParser({ parseTagValue: false, ignoreDeclaration: true });

interface Documented {
  readonly jobId: string;
  readonly firmwareId: string;
  readonly requestId: string;
  readonly task: Pick<TaskRow, 'device_id' | 'device_name' | 'status' | 'description' | 'progress'>;
  readonly at: string;
}

eachEngine('the documented example of ListOTATaskByJob', (database) => {
  async function answer(format: 'json' | 'xml', documented: Documented) {
    const engine = await database.open();
    const clock = createTestClock();
    const vault = createVault(Buffer.alloc(32, 7));
    const deps = {
      engine,
      blobs: await openTestBlobs(),
      clock,
      ids: countingIds(),
      vault,
      limits: limitProfiles.aliyun,
      publicUrl: 'https://ota.example.com',
      figures: createFigures(clock),
    };
    const { accountId } = await createAccount(deps, 'root');
    const scope = await resolveScope(engine.read, accountId, undefined);
    const now = Date.parse(documented.at);
    await engine.transaction(async (tx) => {
      await tx.db
        .insertInto('product')
        .values({
          key: 'a1GUfrMabcd',
          instance_id: scope.instanceId,
          name: 'Lamp',
          secret: '',
          node_type: 0,
          data_format: 0,
          net_type: 'WIFI',
          auth_type: 'secret',
          commodity_code: 'iothub',
          category_key: null,
          protocol_type: null,
          validate_type: 1,
          description: '',
          device_count: 0,
          created_at: now,
        })
        .execute();
      await insertJob(
        tx,
        jobRow({
          id: documented.jobId,
          instance_id: scope.instanceId,
          firmware_id: documented.firmwareId,
          product_key: 'a1GUfrMabcd',
          dest_version: '1.0.1',
          timeout_minutes: 1440,
          task_total: 1,
        }),
        [],
      );
      await insertTasks(tx, [
        {
          ...documented.task,
          job_id: documented.jobId,
          seq: 0,
          src_version: '1.0.0',
          active_module: null,
          retries: 0,
          created_at: now,
          modified_at: now,
          first_progress_at: null,
          retry_at: null,
          due_at: null,
          waiting_at: null,
          cause: null,
          attempts: 0,
        },
      ]);
    });
    const members = await ListOTATaskByJob(deps, scope, { JobId: documented.jobId, CurrentPage: 1, PageSize: 10 });
    return success(format, 'ListOTATaskByJob', documented.requestId, members).body;
  }

  it('equals ours member for member in JSON', async () => {
    const body = await answer('json', {
      jobId: '7glPHmaDYLAYMD1HHutT02abcd',
      firmwareId: 'q3j9OYBj',
      requestId: 'A59D3BE1-0000-0000-0000-000000000000',
      task: {
        device_id: 'nadRdeff',
        device_name: 'dev2',
        status: 'FAILED',
        description: 'report version is not conform',
        progress: 0,
      },
      at: '2019-11-04T03:38:22.000Z',
    });
    const expected = JSON.parse(documentedJson);
    // the one value that cannot be given: our TaskId is made of the JobId
    expected.Data.SimpleOTATaskInfo[0].TaskId = '7glPHmaDYLAYMD1HHutT02abcd000000';
    expect(JSON.parse(body)).toEqual(expected);
  });

  it('equals ours member for member in XML', async () => {
    const body = await answer('xml', {
      jobId: '7glP',
      firmwareId: 'q3j9',
      requestId: 'A59D',
      task: { device_id: 'SR8F', device_name: 'dev1', status: 'SUCCEEDED', description: '', progress: 100 },
      at: '2019-11-04T03:38:15.000Z',
    });
    const expected = parser.parse(documentedXml);
    expected.ListOTATaskByJobResponse.Data.SimpleOTATaskInfo.TaskId = '7glP000000';
    expect(parser.parse(body)).toEqual(expected);
  });
});
