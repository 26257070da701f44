import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError, note } from './output.ts';

/** A password from the person at the terminal, twice and without an echo, or else the first line of stdin. */
export async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) return readLine('');
  const password = await readLine('Password: ');
  if ((await readLine('Again: ')) !== password) throw new CommandError('The two are not the same.');
  return password;
}

function readLine(prompt: string): Promise<string> {
  if (prompt !== '') process.stderr.write(prompt);
  // what is typed is echoed by the line editor, here to nowhere
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { isTTY: terminal = false } = process.stdin;
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal });
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => {
      if (prompt !== '') note('');
      reject(new CommandError('No password was given.'));
    });
  });
}
