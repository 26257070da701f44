import { useEffect, useState } from 'react';
import { readSetting, writeSetting } from './settings.ts';

export type Theme = 'system' | 'light' | 'dark';

const themes: readonly string[] = ['system', 'light', 'dark'] satisfies Theme[];

/** Light or dark, as the system has it until the viewer chooses. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const chosen = readSetting('theme');
    return chosen !== undefined && themes.includes(chosen) ? (chosen as Theme) : 'system';
  });
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return [
    theme,
    (chosen) => {
      writeSetting('theme', chosen);
      setTheme(chosen);
    },
  ];
}
