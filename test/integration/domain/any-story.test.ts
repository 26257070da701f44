import fc from 'fast-check';
import { it } from 'vitest';
import { eachEngine } from '../../support/engines.ts';
import { anyStep, type Step } from './story/steps.ts';
import { Story } from './story/story.ts';
import { createWorld, expectConsistent } from './world.ts';

/** 5,000 steps on each engine, 10,000 in a run with both; bringing a story to its end takes some more. */
const STORIES = 20;
const STEPS = 250;

/**
 * Every run tells other stories. `STORY_SEED` repeats those of an earlier one; with `STORY_PATH` it is the one that
 * failed, which is then shortened.
 */
const { STORY_SEED, STORY_PATH } = process.env;
const seed = STORY_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(STORY_SEED);

eachEngine('jobs, tasks and devices', (database) => {
  it('come to what the rules say, whatever happens in whatever order', {
    timeout: STORY_PATH ? 3_600_000 : 300_000,
  }, async () => {
    let world = await createWorld(database);
    let told = 0;
    let stories = 0;
    const tell = async (steps: readonly Step[]) => {
      const story = await Story.begin(world, database, `story_${++stories}`);
      try {
        for (const [index, step] of steps.entries()) {
          await story.tell(step);
          told += 1;
          if (index % 50 === 49) await expectConsistent(story.world, story.productKey);
        }
        await story.end();
        await expectConsistent(story.world, story.productKey);
      } finally {
        world = story.world;
      }
    };
    const anyStory = fc.array(anyStep, { minLength: STEPS, maxLength: STEPS, size: 'max' });
    const outcome = await fc.check(fc.asyncProperty(anyStory, tell), {
      numRuns: STORIES,
      seed,
      ...(STORY_PATH ? { path: STORY_PATH } : { endOnFailure: true }),
    });
    if (outcome.failed) {
      const [steps] = outcome.counterexample ?? [[]];
      if (STORY_PATH) for (const step of steps) if (step.kind !== 'nothing') console.log(JSON.stringify(step));
      const again = `STORY_SEED=${seed} STORY_PATH=${outcome.counterexamplePath}`;
      throw new Error(`a story went wrong on ${database.kind}; ${again} repeats and shortens it`, {
        cause: outcome.errorInstance,
      });
    }
    await expectConsistent(world);
    console.log(`${told} steps in ${stories} stories on ${database.kind}, STORY_SEED=${seed}`);
  });
});
