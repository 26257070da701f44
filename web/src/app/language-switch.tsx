import { useLanguage, useTexts } from '../i18n/language.tsx';
import type { Language } from '../i18n/texts.ts';
import { shellTexts } from './shell-texts.ts';

/** Each language is named in itself, for whoever cannot read the present one. */
export function LanguageSwitch() {
  const t = useTexts(shellTexts);
  const { language, choose } = useLanguage();
  return (
    <label className="tool">
      <span className="unseen">{t.language}</span>
      <select value={language} onChange={(event) => choose(event.target.value as Language)}>
        <option value="en">English</option>
        <option value="zh">中文</option>
      </select>
    </label>
  );
}
