import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const main = join(import.meta.dirname, '../../../src/main.ts');

/** Runs the command line in a process of its own, with no settings but these. @param input on its stdin */
export function otaru(
  words: readonly string[],
  settings: Readonly<Record<string, string>>,
  input = '',
): Promise<Outcome> {
  const { NODE_COMPILE_CACHE = '' } = process.env;
  return runNode(process.execPath, [main, ...words], { NODE_COMPILE_CACHE, ...settings }, input);
}

export function runNode(
  node: string,
  words: readonly string[],
  settings: Readonly<Record<string, string>>,
  input = '',
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(node, words, { env: settings, timeout: 20_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
    child.stdin?.on('error', () => {}); // one that reads nothing may be gone
    child.stdin?.end(input);
  });
}
