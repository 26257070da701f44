import type { Answer } from '../../src/http/answer.ts';
import type { Step } from './story.ts';

/** The steps of a story by the file that keeps them, each with its call and its answer to the byte. */
export class Transcript {
  readonly #texts = new Map<string, string>();

  add(step: Step, answer: Answer): void {
    const parameters = Object.entries(step.parameters)
      .map(([name, value]) => `\n  ${name}=${shortened(value)}`)
      .join('');
    const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => `${name}: ${value}\n`);
    const text = `# ${step.what}\n${step.action}${parameters}\n\n${answer.status}\ncontent-type: ${answer.contentType}\n${headers.join('')}\n${answer.body}\n\n`;
    this.#texts.set(step.file, (this.#texts.get(step.file) ?? '') + text);
  }

  get(file: string): string {
    return this.#texts.get(file) ?? '';
  }

  files(): string[] {
    return [...this.#texts.keys()];
  }
}

/** A value of thousands of characters says nothing to a reader. */
const shortened = (value: string) =>
  value.length > 5_000 ? `${value.slice(0, 20)}… (${value.length} characters)` : value;
