import { expect, it } from 'vitest';
import { addWebhook, changeWebhook, removeWebhook } from '../../../src/domain/webhooks.ts';
import { onPostgres } from '../../support/engines.ts';
import { interleaved } from './interleaved.ts';
import { createWorld } from './world.ts';

onPostgres('a webhook that is deleted', (database) => {
  async function world() {
    const made = await createWorld(database);
    const filter = { types: ['ota.task.*'], products: [], description: '' };
    const { webhookId } = await addWebhook(made.deps, made.scope, { url: 'https://example.com/', ...filter });
    const routes = () => made.engine.read.selectFrom('event_route').selectAll().execute();
    expect(await routes()).not.toEqual([]);
    return { ...made, webhookId, routes };
  }

  it('leaves nothing that it would be told, also when it is changed at the same time', async () => {
    const { deps, engine, webhookId, routes } = await world();
    const outcomes = await interleaved(
      { engine },
      (held) => changeWebhook({ ...deps, engine: held }, webhookId, { types: ['*'] }),
      () => removeWebhook(deps, webhookId),
    );
    expect(outcomes).toEqual([true, true]);
    expect(await routes()).toEqual([]);
  });

  it('is not found by a change that waited for it', async () => {
    const { deps, engine, webhookId, routes } = await world();
    const outcomes = await interleaved(
      { engine },
      (held) => removeWebhook({ ...deps, engine: held }, webhookId),
      () => changeWebhook(deps, webhookId, { types: ['*'] }),
    );
    expect(outcomes).toEqual([true, false]);
    expect(await routes()).toEqual([]);
  });
});
