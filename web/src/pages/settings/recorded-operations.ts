import { actions } from '../../../../src/contract/index.ts';

/** What leaves records, by name: operations that change something, and what only the console does. */
export const recordedOperations: readonly string[] = [
  ...actions.filter(({ changes }) => changes !== false).map(({ name }) => name),
  'SignIn',
  'SignOut',
  'ChangePassword',
].sort();
