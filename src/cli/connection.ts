import type { Command } from 'commander';
import { readConfig } from '../config/env.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { CommandError } from './output.ts';

export interface ConnectionOptions {
  readonly endpoint?: string;
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
}

/** The options with which a command reaches a server. */
export function withConnection(command: Command): Command {
  return command
    .option('--endpoint <origin>', 'server to call (OTARU_ENDPOINT, http://127.0.0.1:8080 otherwise)')
    .option('--access-key-id <id>', 'AccessKey (OTARU_ACCESS_KEY_ID)')
    .option('--access-key-secret <secret>', 'its secret (OTARU_ACCESS_KEY_SECRET)');
}

/** @throws CommandError when the key is missing */
export function connect(options: ConnectionOptions): ApiClient {
  const { rootKey, endpoint } = readConfig();
  const accessKeyId = options.accessKeyId ?? rootKey?.accessKeyId;
  const accessKeySecret = options.accessKeySecret ?? rootKey?.accessKeySecret;
  if (accessKeyId === undefined || accessKeySecret === undefined) {
    throw new CommandError(
      'Give --access-key-id and --access-key-secret, or set OTARU_ACCESS_KEY_ID and OTARU_ACCESS_KEY_SECRET.',
      2,
    );
  }
  const origin = options.endpoint ?? endpoint ?? 'http://127.0.0.1:8080';
  if (!URL.canParse(origin))
    throw new CommandError(`The endpoint must be an origin such as http://127.0.0.1:8080, not "${origin}".`, 2);
  return createApiClient(new URL(origin).origin, { accessKeyId, accessKeySecret });
}
