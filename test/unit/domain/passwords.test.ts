import { describe, expect, it } from 'vitest';
import { isPassword } from '../../../src/contract/names.ts';
import { hashPassword, isPasswordOf } from '../../../src/domain/passwords.ts';

describe('a password', () => {
  it('has 10 to 128 characters of any kind', () => {
    const good = ['x'.repeat(10), 'correct horse battery staple', '密码'.repeat(5), '🔑'.repeat(128)];
    expect(good.map(isPassword)).toEqual([true, true, true, true]);
    const bad = ['', 'x'.repeat(9), '🔑'.repeat(9), 'x'.repeat(129), 'with a \0 in it', '\ud800 alone in it'];
    expect(bad.map(isPassword)).toEqual(bad.map(() => false));
  });

  it('is kept as argon2id in the form that other programs read, never twice the same', async () => {
    const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await isPasswordOf(one, 'correct horse')).toBe(true);
    expect(await isPasswordOf(one, 'correct horsf')).toBe(false);
    expect(await isPasswordOf(one, 'correct horse ')).toBe(false);
  });

  it('is the same however its letters are composed', async () => {
    const hash = await hashPassword('Grüße aus Köln');
    expect(await isPasswordOf(hash, 'Grüße aus Köln'.normalize('NFD'))).toBe(true);
  });

  it('fits nothing where none was set, or what was stored is no hash', async () => {
    for (const hash of [
      null,
      '',
      'correct horse',
      '$argon2id$v=19$m=19456,t=2,p=1$$',
      '$argon2id$v=19$m=8,t=1,p=1$AA$AA',
    ]) {
      expect(await isPasswordOf(hash, 'correct horse')).toBe(false);
    }
    expect(await isPasswordOf(null, '')).toBe(false);
    expect(await isPasswordOf(null, 'x'.repeat(4_000))).toBe(false);
  });

  it('fits its hash as another implementation made it', async () => {
    // argon2-cffi 25.1: PasswordHasher(2, 19456, 1).hash('correct horse', salt=b'0123456789abcdef')
    const hash = '$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$rk2Mi3E4dgRMg0fHaYaptWVZRKqs//6b6k3/nntqGJk';
    expect(await isPasswordOf(hash, 'correct horse')).toBe(true);
  });
});
