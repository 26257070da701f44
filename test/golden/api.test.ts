import { join } from 'node:path';
import { expect, it } from 'vitest';
import { actions } from '../../src/contract/index.ts';
import { eachEngine, type TestDatabase } from '../support/engines.ts';
import { createApiWorld } from './api-world.ts';
import { tellStory } from './story.ts';
import { Transcript } from './transcript.ts';

/** Exact bytes of at least one success and one refusal of every action, the same on both engines. */
eachEngine('golden answers', (database) => {
  it.each(['JSON', 'XML'] as const)('are what they were, in %s', async (format) => {
    const transcript = await record(database, format);
    for (const { name } of [...actions, { name: 'Gateway' }]) {
      const file = join(import.meta.dirname, 'expected', `${name}.${format.toLowerCase()}.http`);
      await expect(transcript.get(name)).toMatchFileSnapshot(file);
    }
  });

  it('hold a success and a refusal of every action', async () => {
    const transcript = await record(database, 'JSON');
    for (const { name } of actions) {
      expect(transcript.get(name), name).toContain('"Success":true');
      expect(transcript.get(name), name).toMatch(/"Success":false|"HostId"/);
    }
  });
});

async function record(database: TestDatabase, format: 'JSON' | 'XML'): Promise<Transcript> {
  const transcript = new Transcript();
  await tellStory(await createApiWorld(database, format), (step, answer) => transcript.add(step, answer));
  return transcript;
}
