import { join } from 'node:path';
import { expect, it } from 'vitest';
import { actions } from '../../src/contract/index.ts';
import { eachEngine, type TestDatabase } from '../support/engines.ts';
import { type ApiWorld, createApiWorld } from './api-world.ts';
import { type Step, tellStory } from './story.ts';

/** Exact bytes of at least one success and one refusal of every action, the same on both engines. */
eachEngine('golden answers', (database) => {
  it.each(['JSON', 'XML'] as const)('are what they were, in %s', async (format) => {
    const transcript = await record(database, format);
    for (const { name } of actions) {
      const file = join(import.meta.dirname, 'expected', `${name}.${format.toLowerCase()}.http`);
      await expect(transcript.get(name) ?? '').toMatchFileSnapshot(file);
    }
    await expect(transcript.get('Gateway') ?? '').toMatchFileSnapshot(
      join(import.meta.dirname, 'expected', `Gateway.${format.toLowerCase()}.http`),
    );
  });

  it('hold a success and a refusal of every action', async () => {
    const transcript = await record(database, 'JSON');
    for (const { name } of actions) {
      expect(transcript.get(name), name).toContain('"Success":true');
      expect(transcript.get(name), name).toMatch(/"Success":false|"HostId"/);
    }
  });
});

async function record(database: TestDatabase, format: 'JSON' | 'XML'): Promise<ReadonlyMap<string, string>> {
  const world: ApiWorld = await createApiWorld(database, format);
  const transcript = new Map<string, string>();
  const write = (step: Step, text: string) => transcript.set(step.file, `${transcript.get(step.file) ?? ''}${text}`);
  await tellStory(world, (step, answer) => {
    const parameters = Object.entries(step.parameters)
      .map(([name, value]) => `\n  ${name}=${value}`)
      .join('');
    const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => `${name}: ${value}\n`);
    write(
      step,
      `# ${step.what}\n${step.action}${parameters}\n\n${answer.status}\ncontent-type: ${answer.contentType}\n${headers.join('')}\n${answer.body}\n\n`,
    );
  });
  return transcript;
}
