import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { isPassword, LONGEST_PASSWORD } from './names.ts';

const derive = promisify(argon2);

/** What OWASP asks of argon2id: 19 MiB, two passes, one lane. About 30 ms in Node's thread pool. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const PREFIX = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$`;

/** One letter may be written in two ways; either is the password. */
const tagOf = (password: string, salt: Buffer): Promise<Buffer> =>
  derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: salt,
    parallelism: 1,
    tagLength: 32,
    memory: MEMORY_KIB,
    passes: PASSES,
  });

const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** @returns the hash in the form that libraries of argon2 share, `$argon2id$v=19$m=…,t=…,p=…$salt$tag` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${PREFIX}${text(salt)}$${text(await tagOf(password, salt))}`;
}

/** @param hash of {@link hashPassword}; null: there is no password, which takes as long to find out */
export async function isPasswordOf(hash: string | null, password: string): Promise<boolean> {
  const [salt = '', tag = ''] = hash?.startsWith(PREFIX) ? hash.slice(PREFIX.length).split('$') : [];
  const expected = Buffer.from(tag, 'base64');
  // a longer text than any password would be work that is asked for by whoever comes
  const given = await tagOf(
    password.slice(0, 2 * LONGEST_PASSWORD),
    salt === '' ? Buffer.alloc(16) : Buffer.from(salt, 'base64'),
  );
  return expected.length === given.length && timingSafeEqual(given, expected) && isPassword(password);
}
