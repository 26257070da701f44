import { expect, it } from 'vitest';
import { fitting, isChosen, nothing, refreshed, toggled, withTasks } from './selection.ts';
import type { Task } from './task.ts';

const task = (id: string, status = 'QUEUED') => ({ TaskId: id, DeviceName: id, TaskStatus: status }) as Task;

it('holds tasks by their ID, whatever row they are in', () => {
  const some = withTasks(toggled(nothing, task('a')), [task('b'), task('c')]);
  expect([...some.chosen.keys()]).toEqual(['a', 'b', 'c']);
  expect(isChosen(toggled(some, task('b')), task('b'))).toBe(false);
  expect(isChosen(some, task('b', 'FAILED'))).toBe(true);
  expect(isChosen({ ...nothing, everything: true }, task('z'))).toBe(true);
});

it('learns how its tasks go on', () => {
  const some = withTasks(nothing, [task('a'), task('b')]);
  expect(refreshed(some, [task('a'), task('z', 'FAILED')])).toBe(some);
  const later = refreshed(some, [task('a', 'FAILED')]);
  expect(fitting(later.chosen.values(), 'reupgrade').map(({ TaskId }) => TaskId)).toEqual(['a']);
  expect(fitting(later.chosen.values(), 'cancel').map(({ TaskId }) => TaskId)).toEqual(['b']);
  expect(fitting(later.chosen.values(), 'confirm')).toEqual([]);
});
