import { describe, expect, it } from 'vitest';
import { sameSignature, signingKey } from '../../../src/domain/signing-keys.ts';
import { createVault } from '../../../src/lib/vault.ts';

describe('signing keys of the server', () => {
  const vault = createVault(Buffer.alloc(32, 1));

  it('are two pairs that follow from the master key', () => {
    const pairs = [signingKey(vault, 'upload'), signingKey(vault, 'download')];
    for (const pair of pairs) {
      expect(pair.accessKeyId).toMatch(/^[A-Z0-9]{16}$/);
      expect(pair.secret).toMatch(/^[\w-]{43}$/);
    }
    expect(new Set(pairs.flatMap((pair) => [pair.accessKeyId, pair.secret])).size).toBe(4);
    expect(signingKey(createVault(Buffer.alloc(32, 1)), 'upload')).toEqual(pairs[0]);
    expect(signingKey(createVault(Buffer.alloc(32, 2)), 'upload')).not.toEqual(pairs[0]);
  });

  it('tell whether two signatures are the same', () => {
    expect(sameSignature('SdkBTvmT=', 'SdkBTvmT=')).toBe(true);
    expect(sameSignature('sdkBTvmT=', 'SdkBTvmT=')).toBe(false);
    expect(sameSignature('SdkBTvmT', 'SdkBTvmT=')).toBe(false);
    expect(sameSignature('', 'SdkBTvmT=')).toBe(false);
  });
});
