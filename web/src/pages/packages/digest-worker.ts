import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** What the worker says: how much is read, 0 to 1; the digest, in hex; or what went wrong. */
export type DigestMessage = { readonly share: number } | { readonly digest: string } | { readonly problem: string };

/** Reads a file once, block by block: one of 1 GB needs no more memory than a small one. */
self.onmessage = async ({ data: file }: MessageEvent<File>) => {
  const say = (message: DigestMessage) => self.postMessage(message);
  try {
    const hash = sha256.create();
    let read = 0;
    let told = 0;
    for (const reader = file.stream().getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      hash.update(value);
      read += value.length;
      if (read - told < file.size / 100) continue;
      told = read;
      say({ share: read / file.size });
    }
    say({ digest: bytesToHex(hash.digest()) });
  } catch (error) {
    say({ problem: String(error) });
  }
};
