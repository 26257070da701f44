import type { DigestMessage } from './digest-worker.ts';

/** SHA-256 of a file in hex, computed beside the page. @throws Error when the file cannot be read */
export function sha256Of(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<string> {
  const worker = new Worker(new URL('./digest-worker.ts', import.meta.url), { type: 'module' });
  return new Promise<string>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    worker.onmessage = ({ data }: MessageEvent<DigestMessage>) => {
      if ('share' in data) progress(data.share);
      else if ('digest' in data) resolve(data.digest);
      else reject(new Error(data.problem));
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(file);
  }).finally(() => worker.terminate());
}
