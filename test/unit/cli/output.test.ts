import { expect, test } from 'vitest';
import { createLog, printable } from '../../../src/cli/output.ts';

test.each(['err', 'error'])(
  'an error under the name %s is logged with what it says and where, not with its client',
  (name) => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line) });
    const error = Object.assign(new TypeError('no way'), { code: 'E1', client: { host: 'db', port: 5432 } });
    log.warn({ [name]: error }, 'it failed');
    const line = JSON.parse(lines.join(''));
    expect(line).toMatchObject({ msg: 'it failed', [name]: { type: 'TypeError', message: 'no way', code: 'E1' } });
    expect(line[name].stack).toContain('output.test.ts');
    expect(line[name].client).toBeUndefined();
  },
);

test('secrets are not logged', () => {
  const lines: string[] = [];
  const deep = { password: 'x', call: { token: 'x', key: { accessKeySecret: 'x' } } };
  createLog('info', { write: (line) => void lines.push(line) }).info({ device: { name: 'd', secret: 'x' } }, 'made');
  expect(JSON.parse(lines.join('')).device).toEqual({ name: 'd', secret: '[Redacted]' });
  createLog('info', { write: (line) => void lines.push(line) }).info(deep, 'made');
  expect(lines.join('')).not.toContain('"x"');
});

test('what is printed commands no terminal', () => {
  expect(printable('a\u001b[2Jb\u009b31m\rc\u0007')).toBe('a\ufffd[2Jb\ufffd31m\ufffdc\ufffd');
  expect(printable('two\tcells\nand 行')).toBe('two\tcells\nand 行');
});
