import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTurnstile, TurnedAway, type TurnstileBounds } from '../../../src/lib/turnstile.ts';
import { createTestClock } from '../../support/test-clock.ts';

const roomy: TurnstileBounds = {
  atOnce: 2,
  waiting: 3,
  patienceMs: 5_000,
  bytes: Number.POSITIVE_INFINITY,
};

function setUp(bounds: Partial<TurnstileBounds> = {}) {
  const clock = createTestClock();
  let turnedAway = 0;
  const turnstile = createTurnstile({ ...roomy, ...bounds }, clock, () => {
    turnedAway += 1;
  });
  const order: string[] = [];
  /** Work that lasts until it is ended. */
  const enter = (name: string, bytes?: number) => {
    const over = Promise.withResolvers<void>();
    over.promise.catch(() => undefined); // work that is turned away does not wait for it
    const outcome = turnstile
      .pass(async () => {
        order.push(name);
        await over.promise;
        return name;
      }, bytes)
      .catch((error: Error) => error.name);
    return { end: () => over.resolve(), fail: () => over.reject(new Error(name)), outcome };
  };
  return { clock, turnstile, order, enter, turnedAway: () => turnedAway };
}

describe('a turnstile', () => {
  it('begins at once while there is a place, and lets the others in as they came', async () => {
    const { turnstile, order, enter } = setUp();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => enter(name));
    expect(order).toEqual(['a', 'b']);
    expect(turnstile.load()).toMatchObject({ underWay: 2, waiting: 2 });
    b?.end();
    await b?.outcome;
    expect(order).toEqual(['a', 'b', 'c']);
    a?.fail();
    expect(await a?.outcome).toBe('Error');
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    for (const one of [c, d]) one?.end();
    expect(await Promise.all([c?.outcome, d?.outcome])).toEqual(['c', 'd']);
    expect(turnstile.load()).toEqual({ underWay: 0, waiting: 0, oldestMs: 0, behind: false });
  });

  it('turns away what finds the queue full, before it begins', async () => {
    const { order, enter, turnedAway } = setUp();
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => enter(name));
    expect(await all[5]?.outcome).toBe('TurnedAway');
    expect(turnedAway()).toBe(1);
    for (const one of all) one.end();
    await Promise.all(all.map((one) => one.outcome));
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('turns away who has waited too long, and from then on everybody at once', async () => {
    const { clock, turnstile, enter, turnedAway } = setUp();
    const inside = [enter('a'), enter('b')];
    const early = enter('c');
    await clock.advance(3_000);
    const late = enter('d');
    await clock.advance(2_000);
    expect(await early.outcome).toBe('TurnedAway');
    expect(turnstile.load()).toMatchObject({ waiting: 1, oldestMs: 2_000, behind: true });
    expect(await enter('e').outcome).toBe('TurnedAway');
    expect(turnedAway()).toBe(2);
    // somebody who has waited for less than half of the patience gets a place: it has caught up
    inside[0]?.end();
    await inside[0]?.outcome;
    expect(turnstile.load()).toMatchObject({ underWay: 2, waiting: 0, behind: false });
    const next = enter('f');
    for (const one of [...inside, late, next]) one.end();
    expect(await next.outcome).toBe('f');
  });

  it('does not catch up while the queue stands still', async () => {
    const { clock, turnstile, enter } = setUp({ atOnce: 1 });
    const inside = enter('a');
    for (const name of ['b', 'c']) enter(name);
    await clock.advance(5_000);
    expect(turnstile.load()).toMatchObject({ waiting: 0, behind: true });
    await clock.advance(3_600_000);
    expect(await enter('d').outcome).toBe('TurnedAway');
    inside.end();
    await inside.outcome;
    expect(turnstile.load().behind).toBe(false);
  });

  it('turns away at once while several are under way and none ends, even where there is a place', async () => {
    const { clock, turnstile, enter } = setUp({ atOnce: 32 });
    const slow = enter('slow');
    await clock.advance(6_000);
    // one alone may just take long
    const other = enter('other');
    await clock.advance(4_000);
    const quick = enter('quick');
    expect([await quick.outcome, turnstile.load().behind]).toEqual(['TurnedAway', true]);
    slow.fail();
    await slow.outcome;
    expect(turnstile.load()).toMatchObject({ underWay: 1, behind: false });
    const [third, fourth] = [enter('third'), enter('fourth')];
    expect(turnstile.load()).toMatchObject({ underWay: 2, behind: true });
    expect(await fourth.outcome).toBe('TurnedAway');
    other.end();
    await other.outcome;
    const fifth = enter('fifth');
    for (const one of [third, fifth]) one.end();
    expect([await third.outcome, await fifth.outcome]).toEqual(['third', 'fifth']);
  });

  it('counts the bytes of what is under way and waits', async () => {
    const { enter, turnstile } = setUp({ atOnce: 1, bytes: 100 });
    const huge = enter('a', 1_000);
    expect(await enter('b', 1).outcome).toBe('TurnedAway');
    huge.end();
    await huge.outcome;
    const [c, d] = [enter('c', 60), enter('d', 40)];
    expect(await enter('e', 1).outcome).toBe('TurnedAway');
    for (const one of [c, d]) one.end();
    await Promise.all([c.outcome, d.outcome]);
    const last = enter('f', 100);
    last.end();
    expect(await last.outcome).toBe('f');
    expect(turnstile.load().underWay).toBe(0);
  });

  it('has no patience to lose when it is endless', async () => {
    const { clock, enter, turnstile } = setUp({
      atOnce: 1,
      waiting: Number.POSITIVE_INFINITY,
      patienceMs: Number.POSITIVE_INFINITY,
    });
    const all = Array.from({ length: 100 }, (_, index) => enter(String(index)));
    await clock.advance(86_400_000);
    expect(turnstile.load()).toMatchObject({ underWay: 1, waiting: 99, behind: false });
    for (const one of all) one.end();
    expect(await Promise.all(all.map((one) => one.outcome))).toEqual(all.map((_, index) => String(index)));
  });

  it('keeps its bounds whatever happens, and loses nothing that it let wait', async () => {
    const step = fc.constantFrom('enter', 'end', 'fail', 'wait');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, turnstile, enter, turnedAway } = setUp({ patienceMs: 1_000 });
        const entered: ReturnType<typeof enter>[] = [];
        for (const [index, what] of steps.entries()) {
          if (what === 'enter') entered.push(enter(String(index)));
          if (what === 'end') entered[index % entered.length]?.end();
          if (what === 'fail') entered[index % entered.length]?.fail();
          if (what === 'wait') await clock.advance(400);
          await new Promise((resolve) => setImmediate(resolve));
          const { underWay, waiting, oldestMs } = turnstile.load();
          expect(underWay).toBeLessThanOrEqual(roomy.atOnce);
          expect(waiting).toBeLessThanOrEqual(roomy.waiting);
          expect(oldestMs).toBeLessThan(1_000);
          // nobody waits beside a free place
          if (waiting > 0) expect(underWay).toBe(roomy.atOnce);
        }
        for (const one of entered) one.end();
        const outcomes = await Promise.all(entered.map((one) => one.outcome));
        expect(outcomes.filter((outcome) => outcome === TurnedAway.name)).toHaveLength(turnedAway());
        expect(turnstile.load()).toEqual({ underWay: 0, waiting: 0, oldestMs: 0, behind: false });
      }),
      { numRuns: 200 },
    );
  });
});
