/** Suffixes that the API knows for files of packages (openapi-ota 4.1), the longest first. */
const SUFFIXES = ['tar.gz', 'gzip', 'bin', 'dav', 'apk', 'tar', 'zip', 'gz'] as const;

/** FileSuffix for a file of this name; devices do not care, so an unknown one goes as `bin`. */
export function suffixOf(name: string): string {
  const lower = name.toLowerCase();
  return SUFFIXES.find((suffix) => lower.endsWith(`.${suffix}`)) ?? 'bin';
}

/** Version that a file name suggests: `app-v1.2.3.bin` gives `1.2.3`; empty when it suggests none. */
export function versionIn(name: string): string {
  return /(?:^|[-_v ])(\d+(?:\.\d+)+(?:-[a-z0-9]+)?)/i.exec(name.replace(/\.(tar\.gz|[a-z]+)$/i, ''))?.[1] ?? '';
}

/** Name in the package (32 characters at most) that a file name suggests. */
export const nameInPackage = (name: string): string => name.slice(-32);
