import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { otaru, runNode } from './otaru.ts';

describe('otaru', () => {
  it('lists its commands', async () => {
    const { code, stdout } = await otaru(['--help'], {});
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) (?=.* {2})/gm)].map((match) => match[1]);
    expect(commands.filter((name) => name !== 'help')).toEqual([
      'serve',
      'demo',
      'simulate',
      'call',
      'migrate',
      'key',
      'product',
      'webhook',
      'audit',
      'doctor',
    ]);
  });

  it('tells its version', async () => {
    expect(await otaru(['--version'], {})).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });

  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['key'], 'Usage: otaru key'],
    [['key', 'account', 'create'], "required option '--name <name>' not specified"],
    [['key', 'disable'], "missing required argument 'keyId'"],
    [['serve', '--nonsense'], "unknown option '--nonsense'"],
    [['demo', '--devices', '5'], 'must be a whole number from 10 to 1000'],
  ])('answers wrong usage %j with help and exit code 2', async (words, sentence) => {
    const { code, stdout, stderr } = await otaru(words, {});
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
  });

  it('names every mistake in the settings and does nothing', async () => {
    const settings = { OTARU_DATA: '/nowhere/otaru', OTARU_HTPP: '127.0.0.1:80', OTARU_LIMITS: 'none' };
    const { code, stdout, stderr } = await otaru(['serve'], settings);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('OTARU_LIMITS must be one of aliyun, open, not "none".\nOTARU_HTPP is not a setting.\n');
  });
});

const machineNode = '/usr/bin/node';
const isOld = () =>
  existsSync(machineNode) && Number(execFileSync(machineNode, ['-p', 'process.versions.node.split(".")[0]'])) < 24;

describe.runIf(isOld())('bin/otaru.js on a Node.js that is too old', () => {
  it('says in one sentence what to do', async () => {
    const { code, stdout, stderr } = await runNode(machineNode, ['bin/otaru.js', 'serve'], {});
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Otaru needs Node\.js 24\.7 or later and this is \d+\.\d+\.\d+; .*\n$/);
  });
});
