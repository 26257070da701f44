import { join } from 'node:path';
import { expect, it } from 'vitest';
import { actions } from '../../src/contract/index.ts';
import { eachEngine } from '../support/engines.ts';
import { createApiWorld } from './api-world.ts';
import { stories } from './stories.ts';
import { Transcript } from './transcript.ts';

const names: ReadonlySet<string> = new Set(actions.map(({ name }) => name));
const told = Object.entries(stories).flatMap(([of, tell]) =>
  (['JSON', 'XML'] as const).map((format) => ({ of, tell, format })),
);

/** Exact bytes of at least one success and one refusal of every action, the same on both engines. */
eachEngine('golden answers', (database) => {
  it.each(told)('of $of are what they were, in $format', async ({ tell, format }) => {
    const transcript = new Transcript();
    await tell(await createApiWorld(database, format), (step, answer) => transcript.add(step, answer));
    for (const name of transcript.files()) {
      const text = transcript.get(name);
      await expect(text).toMatchFileSnapshot(
        join(import.meta.dirname, 'expected', `${name}.${format.toLowerCase()}.http`),
      );
      if (!names.has(name)) continue;
      expect(text, name).toMatch(/"Success":true|<Success>true</);
      expect(text, name).toMatch(/"Success":false|<Success>false<|HostId/);
    }
  });
});
