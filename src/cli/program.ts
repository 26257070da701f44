import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { ConfigError, wantsStacks } from '../config/env.ts';
import { Failure, textOf } from '../domain/failure.ts';
import { addAudit } from './audit.ts';
import { addCall } from './call.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addKey } from './key.ts';
import { addMigrate } from './migrate.ts';
import { CommandError, note } from './output.ts';
import { addProduct } from './product.ts';
import { addServe } from './serve.ts';
import { addSimulate } from './simulate.ts';
import { version } from './version.ts';
import { addWebhook } from './webhook.ts';

/** Runs the command line. @returns the exit code: 0 done, 1 failed, 2 called wrongly */
export async function run(words: readonly string[]): Promise<number> {
  const program = new Command('otaru')
    .description('Over-the-air update server that answers the OTA API of Alibaba Cloud IoT Platform.')
    .version(version, '-v, --version')
    .exitOverride()
    .showHelpAfterError('(otaru --help lists the commands)')
    .addHelpText('after', '\nSettings are environment variables, OTARU_DATA, OTARU_HTTP and so on: see README.md.');
  const commands = [
    addServe,
    addDemo,
    addSimulate,
    addCall,
    addMigrate,
    addKey,
    addProduct,
    addWebhook,
    addAudit,
    addDoctor,
  ];
  for (const add of commands) add(program);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof ConfigError) note(error.message);
    else if (error instanceof CommandError || !wantsStacks()) note(`otaru: ${messageOf(error)}`);
    else note(`otaru: ${inspect(error)}`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Failure) return textOf(error);
  return error instanceof Error ? error.message : String(error);
}
