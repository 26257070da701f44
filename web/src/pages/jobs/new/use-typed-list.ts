import { useState } from 'react';
import { uploadDeviceList } from '../../../api/upload.ts';
import { useStop } from '../../../lib/use-stop.ts';
import type { UploadedList } from './draft.ts';

interface TypedList {
  readonly busy: boolean;
  readonly error: unknown;
  /** @returns undefined when it failed, or the page is gone */
  readonly upload: (names: readonly string[]) => Promise<UploadedList | undefined>;
}

/** Uploads typed names that are too many for a call. */
export function useTypedList(): TypedList {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const stop = useStop();
  return {
    busy,
    error,
    async upload(names) {
      const signal = stop();
      setBusy(true);
      setError(undefined);
      try {
        const url = await uploadDeviceList(new Blob([names.join('\n')]), () => {}, signal);
        return signal.aborted ? undefined : { url, file: undefined, count: names.length };
      } catch (problem) {
        if (!signal.aborted) setError(problem);
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
