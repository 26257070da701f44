import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take half a minute or more. One that began last would leave the other workers without work. Of those with
 * servers the one that judges times comes first, beside two that wait.
 */
const LONGEST = [
  'integration/domain/any-story.test.ts',
  'integration/actions/any-request.test.ts',
  'integration/cli/key.test.ts',
  'integration/events-out/webhooks.test.ts',
  'faults/slow-database.test.ts',
  'acceptance/webhooks.test.ts',
  'acceptance/amqp.test.ts',
  'acceptance/bench.test.ts',
  'acceptance/refusals.test.ts',
];

/** On a machine that has run the tests before, Vitest knows how long each file took; here it knows in a fresh clone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}`));
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
