/** What the browser remembers for the viewer; a browser that keeps nothing loses no more than that. */
type Setting = 'language' | 'theme' | 'signInWith';

export function readSetting(name: Setting): string | undefined {
  try {
    return localStorage.getItem(`otaru.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeSetting(name: Setting, value: string): void {
  try {
    localStorage.setItem(`otaru.${name}`, value);
  } catch {
    // private windows may refuse
  }
}
