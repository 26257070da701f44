import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends the output with one line `N passed, N failed` (`, N skipped` where there are any) for programs that read it.
 * A file that does not load and an error outside of any test count as a failure each.
 */
export default class CountReporter implements Reporter {
  #line = '0 passed, 0 failed';

  onInit(): void {
    // Nothing is printed after this, whatever other reporters and teardowns have to say.
    process.once('exit', () => process.stdout.write(`${this.#line}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#line = countLine(modules, unhandledErrors.length);
  }
}

function countLine(modules: readonly TestModule[], unhandledErrors: number): string {
  const count = { passed: 0, failed: unhandledErrors, skipped: 0, pending: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) count[test.result().state] += 1;
    const broken = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
    count.failed += module.errors().length + broken.length;
  }
  // A test still pending when the run ended was never finished.
  const failed = count.failed + count.pending;
  return `${count.passed} passed, ${failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`;
}
