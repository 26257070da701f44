import { expect, it } from 'vitest';
import { joinNeighbours, type Neighbours } from '../../../src/domain/neighbours.ts';
import { keepNodeAlive } from '../../../src/domain/nodes.ts';
import { eachEngine, onPostgres } from '../../support/engines.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

/** Moves the time while nodes look at the database, which takes real time. */
async function pass(
  clock: TestClock,
  ms: number,
  nodes: readonly string[] = [],
  engine?: Parameters<typeof keepNodeAlive>[0]['engine'],
) {
  for (let passed = 0; passed < ms; passed += 500) {
    await clock.advance(500);
    if (engine && passed % 4_000 === 0) for (const node of nodes) await keepNodeAlive({ engine, clock }, node);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

eachEngine('a node without others', (database) => {
  it('is alone from the start', async () => {
    const clock = createTestClock();
    const engine = await database.open();
    await using node = await joinNeighbours({ engine, clock }, 'n1');
    expect(node.isAlone()).toBe(true);
    await pass(clock, 10_000, ['n1'], engine);
    expect(node.isAlone()).toBe(true);
  });
});

onPostgres('a node among others', (database) => {
  it('that comes is ready only when the other has seen it', async () => {
    const clock = createTestClock();
    const engine = await database.open();
    await using first = await joinNeighbours({ engine, clock }, 'n1');
    let second: Neighbours | undefined;
    const joining = joinNeighbours({ engine, clock }, 'n2').then((node) => {
      second = node;
    });
    await pass(clock, 1_500, ['n1', 'n2'], engine);
    expect(first.isAlone()).toBe(false);
    expect(second).toBeUndefined();
    await pass(clock, 2_000, ['n1', 'n2'], engine);
    await joining;
    expect(second?.isAlone()).toBe(false);
    await second?.[Symbol.asyncDispose]();
  });

  it('counts as alone again a while after the other has gone, and not at once', async () => {
    const clock = createTestClock();
    const engine = await database.open();
    await using first = await joinNeighbours({ engine, clock }, 'n1');
    const joining = joinNeighbours({ engine, clock }, 'n2');
    await pass(clock, 3_000, ['n1', 'n2'], engine);
    await (await joining)[Symbol.asyncDispose]();
    await pass(clock, 10_000, ['n1'], engine);
    expect(first.isAlone()).toBe(false);
    await pass(clock, 70_000, ['n1'], engine);
    expect(first.isAlone()).toBe(true);
  });

  it('is not alone while it cannot look', async () => {
    const clock = createTestClock();
    const engine = await database.open();
    const node = await joinNeighbours({ engine, clock }, 'n1');
    await node[Symbol.asyncDispose]();
    await clock.advance(1_500);
    expect(node.isAlone()).toBe(false);
  });
});
