import { expect, test } from 'vitest';
import { createGate } from '../../../src/simulate/gate.ts';

const open = new AbortController().signal;

test('holders are let in up to the limit and in the order of arrival', async () => {
  const gate = createGate(2);
  const order: string[] = [];
  const enter = async (name: string) => {
    const leave = await gate.enter(open);
    order.push(name);
    return leave;
  };
  const first = await enter('first');
  await enter('second');
  const third = enter('third');
  const fourth = enter('fourth');
  await Promise.resolve();
  expect(order).toEqual(['first', 'second']);
  first();
  first(); // leaving again must not free a second place
  (await third)();
  await fourth;
  expect(order).toEqual(['first', 'second', 'third', 'fourth']);
});

test('one who gives up waiting leaves the place to the next', async () => {
  const gate = createGate(1);
  const leave = await gate.enter(open);
  const impatient = new AbortController();
  const gone = gate.enter(impatient.signal);
  const next = gate.enter(open);
  impatient.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  leave();
  await expect(next).resolves.toBeTypeOf('function');
});
