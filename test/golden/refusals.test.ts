import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eachEngine } from '../support/engines.ts';
import { createApiWorld } from './api-world.ts';
import { refusalsOfAccount } from './refusals/account.ts';
import { refusalsOfDevices } from './refusals/device.ts';
import { refusalsOfPackages } from './refusals/firmware.ts';
import { refusalsOfGroups } from './refusals/group.ts';
import { refusalsOfJobs } from './refusals/job.ts';
import { refusalsOfModules } from './refusals/module.ts';
import { refusalsOfOverview } from './refusals/overview.ts';
import { refusalsOfProducts } from './refusals/product.ts';
import type { Refuser } from './refusals/refuser.ts';
import { refusalsOfSubscriptions } from './refusals/subscription.ts';
import { refusalsOfWebhooks } from './refusals/webhook.ts';
import { Transcript } from './transcript.ts';

/** Each family has a world of its own, so that what is added to one leaves the bytes of the others alone. */
const families: Readonly<Record<string, (refuser: Refuser) => Promise<void>>> = {
  products: refusalsOfProducts,
  devices: refusalsOfDevices,
  groups: refusalsOfGroups,
  packages: refusalsOfPackages,
  modules: refusalsOfModules,
  jobs: refusalsOfJobs,
  subscriptions: refusalsOfSubscriptions,
  overview: refusalsOfOverview,
  webhooks: refusalsOfWebhooks,
  account: refusalsOfAccount,
};

/** What the story does not meet of the errors that the contract lists: exact bytes, the same on both engines. */
eachEngine('golden refusals', (database) => {
  for (const format of ['JSON', 'XML'] as const) {
    it.each(Object.entries(families))(`of %s are what they were, in ${format}`, async (_, tell) => {
      const world = await createApiWorld(database, format);
      const transcript = new Transcript();
      await tell({
        world,
        async refuse(what, action, parameters, options) {
          const answer = await world.call(action, parameters, options);
          expect(answer.body, `${action}: ${what}`).toMatch(/"Success":false|<Success>false|HostId/);
          transcript.add({ file: action, what, action, parameters }, answer);
        },
      });
      for (const name of transcript.files()) {
        const file = join(import.meta.dirname, 'expected', 'refused', `${name}.${format.toLowerCase()}.http`);
        await expect(transcript.get(name)).toMatchFileSnapshot(file);
      }
    });
  }
});
