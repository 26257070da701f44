import { execFile } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';

/** What the figures depend on, in one line; nothing that names the machine. */
export async function describeMachine(): Promise<string> {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const parts = [
    `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}`,
    memory,
    `${type()} ${release().split('-')[0]}`,
  ];
  parts.push(`Node ${process.versions.node}`);
  const postgres = await version('pg_config', ['--version']);
  if (postgres) parts.push(postgres);
  const nginx = await version('nginx', ['-v']);
  if (nginx) parts.push(nginx.replace('nginx version: ', ''));
  return parts.join(', ');
}

/** nginx tells its version on stderr. */
async function version(command: string, words: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, [...words]);
    return (stdout || stderr).trim().split('\n')[0];
  } catch {
    return undefined;
  }
}
