import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { readSetting, writeSetting } from '../app/settings.ts';
import { createFormats, type Formats } from './formats.ts';
import { loadServerChinese, type ServerWords, serverEnglish } from './server-words.ts';
import type { Language, TextsOf } from './texts.ts';

interface LanguageChoice {
  readonly language: Language;
  readonly formats: Formats;
  readonly server: ServerWords;
  choose(language: Language): void;
}

const LanguageContext = createContext<LanguageChoice | undefined>(undefined);

/** The one that was chosen before; otherwise the first that the browser asks for and the console speaks. */
function firstLanguage(): Language {
  const chosen = readSetting('language');
  if (chosen === 'en' || chosen === 'zh') return chosen;
  const spoken = navigator.languages.find((name) => /^(en|zh)\b/i.test(name));
  return spoken?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  const [chinese, setChinese] = useState<ServerWords>();
  useEffect(() => {
    // without it the server's own words stand there
    if (language === 'zh') loadServerChinese().then(setChinese, () => {});
  }, [language]);
  const server = (language === 'zh' && chinese) || serverEnglish;
  const value = useMemo<LanguageChoice>(
    () => ({
      language,
      formats: createFormats(language),
      server,
      choose(chosen) {
        writeSetting('language', chosen);
        setLanguage(chosen);
      },
    }),
    [language, server],
  );
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

export function useLanguage(): LanguageChoice {
  const choice = useContext(LanguageContext);
  if (!choice) throw new Error('no LanguageProvider above');
  return choice;
}

export function useFormats(): Formats {
  return useLanguage().formats;
}

/** Says what the server says in the language of the viewer. */
export function useServerWords(): ServerWords {
  return useLanguage().server;
}

/** What a page says, in the language of the viewer. */
export function useTexts<T>(both: TextsOf<T>): T {
  return both[useLanguage().language];
}
