import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Keeps secrets that are needed in clear for HMAC (AccessKey, device and product secrets)
 * unreadable at rest: AES-256-GCM under a key derived from the master key.
 */
export interface Vault {
  seal(text: string): string;
  /** Throws when `sealed` was made under another master key or was altered. */
  open(sealed: string): string;
  /** 32 bytes bound to `label`, for keys that need no storage of their own. */
  derive(label: string): Buffer;
  /** Names the master key without telling it; kept in the database to notice a wrong key at start. */
  readonly fingerprint: string;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @param masterKey 32 bytes */
export function createVault(masterKey: Buffer): Vault {
  const derive = (label: string) => Buffer.from(hkdfSync('sha256', masterKey, '', `otaru/${label}`, 32));
  // made once: Node would make it of the bytes for every call
  const key = createSecretKey(derive('seal'));
  return {
    seal(text) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    },
    derive,
    fingerprint: createHash('sha256').update(derive('fingerprint')).digest('hex').slice(0, 16),
  };
}
