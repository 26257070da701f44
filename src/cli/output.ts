import pino from 'pino';
import type { LogLevel } from '../config/env.ts';

/** What a terminal would obey; an answer of a receiver, or a name in a record, may hold it. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export const printable = (line: string): string => line.replace(CONTROLS, '\ufffd');

/** Results go to stdout, everything else to stderr. */
export const print = (line: string): void => void process.stdout.write(`${printable(line)}\n`);
export const note = (line: string): void => void process.stderr.write(`${printable(line)}\n`);

/** The option that every command has which prints a result. */
export interface Output {
  readonly json?: boolean;
}

/** One line of JSON for programs, aligned names and values for people. */
export function show(members: Readonly<Record<string, string>>, { json }: Output): void {
  if (json) return print(JSON.stringify(members));
  for (const [name, value] of Object.entries(members)) print(`${name.padEnd(16)} ${value}`);
}

/** What is logged of an error. PostgreSQL's driver hangs its whole client on some, pages of it. */
const errorFields = (error: Error) =>
  Object.fromEntries(Object.entries(pino.stdSerializers.err(error)).filter(([name]) => name !== 'client'));

/** Nobody logs these on purpose; an object that holds one may slip in. */
const secretMembers = ['secret', 'password', 'accessKeySecret', 'deviceSecret', 'productSecret', 'masterKey', 'token'];

/** A logger on stderr, so that stdout stays fit for programs. Secrets do not reach it. */
export function createLog(level: LogLevel, destination: pino.DestinationStream = stderr()) {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: secretMembers.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      serializers: { err: errorFields, error: errorFields },
    },
    destination,
  );
}

const stderr = () => pino.destination({ dest: 2, sync: true });

/** Ends a command with a sentence for the person who called it, and an exit code. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
