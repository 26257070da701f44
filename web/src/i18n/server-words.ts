/** What the server says in sentences of its own, in the language of the viewer. */
export interface ServerWords {
  /** Of a task, a delivery and the like; what is not known stays as it is. */
  sentence(text: string): string;
  /** Of a refusal with its code. */
  refusal(code: string, text: string): string;
}

/** As they are. */
export const serverEnglish: ServerWords = { sentence: (text) => text, refusal: (_code, text) => text };

/** Chinese has a part of its own, which is not loaded by who does not read it. */
export const loadServerChinese = async (): Promise<ServerWords> => (await import('./server-chinese.ts')).serverChinese;
