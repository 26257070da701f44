import { useCallback, useEffect, useRef, useState } from 'react';
import { uploadPackageFile } from '../../api/upload.ts';
import { sha256Of } from './digest.ts';
import { nameInPackage, suffixOf } from './package-files.ts';

/** A file on its way into a package. */
export interface PackageFile {
  readonly id: number;
  readonly file: File;
  /** Its name in a package of several files. */
  readonly name: string;
  /** Share read by the digest, 0 to 1. */
  readonly digested: number;
  /** SHA-256 in hex, once computed. */
  readonly digest?: string;
  /** Share sent, 0 to 1; undefined before its turn. */
  readonly sent?: number;
  /** FirmwareUrl once it is stored; it is not sent again when what comes after fails. */
  readonly url?: string;
  readonly error?: unknown;
}

export interface PackageUpload {
  readonly files: readonly PackageFile[];
  add(files: Iterable<File>): void;
  remove(id: number): void;
  rename(id: number, name: string): void;
  /** Sends what is not stored yet, one after the other. @throws what stopped it */
  send(signal: AbortSignal): Promise<readonly Required<Pick<PackageFile, 'file' | 'name' | 'digest' | 'url'>>[]>;
}

/** Files that the viewer has chosen: digests begin at once, beside each other; uploads when told. */
export function usePackageUpload(): PackageUpload {
  const [files, setFiles] = useState<readonly PackageFile[]>([]);
  const last = useRef(0);
  const digests = useRef(new Map<number, { readonly result: Promise<string>; readonly abort: AbortController }>());
  const change = useCallback((id: number, changes: Partial<PackageFile>) => {
    setFiles((now) => now.map((each) => (each.id === id ? { ...each, ...changes } : each)));
  }, []);
  useEffect(() => {
    const running = digests.current;
    return () => {
      for (const { abort } of running.values()) abort.abort();
    };
  }, []);

  return {
    files,
    add(chosen) {
      const added = [...chosen].map((file): PackageFile => {
        last.current += 1;
        return { id: last.current, file, name: nameInPackage(file.name), digested: 0 };
      });
      setFiles((now) => [...now, ...added]);
      for (const { id, file } of added) {
        const abort = new AbortController();
        const result = sha256Of(file, (digested) => change(id, { digested }), abort.signal);
        result.then(
          (digest) => change(id, { digest, digested: 1 }),
          (error: unknown) => change(id, { error }),
        );
        digests.current.set(id, { result, abort });
      }
    },
    remove(id) {
      digests.current.get(id)?.abort.abort();
      setFiles((now) => now.filter((each) => each.id !== id));
    },
    rename: (id, name) => change(id, { name }),
    async send(signal) {
      const stored = [];
      for (const { id, file, name, url: before } of files) {
        try {
          const digest = await digests.current.get(id)?.result;
          if (digest === undefined) continue;
          change(id, { error: undefined, ...(before === undefined ? { sent: 0 } : {}) });
          const url =
            before ?? (await uploadPackageFile(file, suffixOf(file.name), (sent) => change(id, { sent }), signal));
          change(id, { url, sent: 1 });
          stored.push({ file, name, digest, url });
        } catch (error) {
          change(id, { sent: undefined });
          throw error;
        }
      }
      return stored;
    },
  };
}
