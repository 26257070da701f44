/** What one tab of the browser keeps for its viewer until it is closed or they sign out; a browser may keep nothing. */
const PREFIX = 'otaru.tab.';

export function readFromTab(name: string): string | undefined {
  try {
    return sessionStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param value undefined: forgets it */
export function keepInTab(name: string, value: string | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, value);
  } catch {
    // private windows may refuse, and there is room for some megabytes only
  }
}

export function forgetTab(): void {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
  } catch {
    // nothing was kept then
  }
}
