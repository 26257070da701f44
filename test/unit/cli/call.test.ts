import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { actions } from '../../../src/contract/index.ts';

const printed = { stdout: '', stderr: '' };

beforeEach(() => {
  for (const name of ['stdout', 'stderr'] as const) {
    printed[name] = '';
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += text;
      return true;
    });
  }
  vi.stubEnv('OTARU_ACCESS_KEY_ID', undefined);
  vi.stubEnv('OTARU_ACCESS_KEY_SECRET', undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const key = ['--access-key-id', 'LTAIroot', '--access-key-secret', 'root-secret'];

describe('otaru call', () => {
  it('lists every action with what it does', async () => {
    expect(await run(['call', '--list'])).toBe(0);
    const lines = printed.stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(actions.map(({ name }) => name));
  });

  it('describes the parameters of an action', async () => {
    expect(await run(['call', 'ListOTATaskByJob', '--describe'])).toBe(0);
    expect(printed.stdout).toMatch(/^ListOTATaskByJob: /);
    expect(printed.stdout).toMatch(/^ {2}JobId\* {2}/m);
    expect(printed.stdout).toMatch(/^ {2}PageSize \(int\) {2}/m);
  });

  it.each([
    ['an action that there is not', ['NoSuchAction', '--describe'], 'There is no action NoSuchAction'],
    ['a parameter without a value', ['QueryProduct', 'ProductKey', ...key], '"ProductKey" is not Name=value'],
    ['no key', ['QueryProduct', 'ProductKey=a'], 'Give --access-key-id and --access-key-secret'],
    ['an endpoint that is no origin', ['QueryProductList', ...key, '--endpoint', 'nowhere'], 'not "nowhere"'],
    ['an option that there is not', ['QueryProduct', '--nonsense'], "unknown option '--nonsense'"],
  ])('refuses %s with one sentence and exit code 2', async (_, words, sentence) => {
    expect(await run(['call', ...words])).toBe(2);
    expect(printed.stderr).toContain(sentence);
    expect(printed.stdout).toBe('');
  });

  it('says when nobody answers', async () => {
    // port 1 is reserved and no server of ours
    expect(await run(['call', 'QueryProductList', ...key, '--endpoint', 'http://127.0.0.1:1'])).toBe(1);
    expect(printed.stderr).toMatch(/^otaru: Cannot reach http:\/\/127\.0\.0\.1:1: .*\n$/);
  });
});
