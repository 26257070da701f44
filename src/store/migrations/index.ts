import { initial } from './0001-initial.ts';
import type { Migration } from './migration.ts';

/** Every migration, oldest first. Forward only: a released one is never changed. */
export const migrations: readonly Migration[] = [initial];
