import { existsSync, readFileSync } from 'node:fs';

/** One call of the golden files with its answer. */
export interface GoldenCall {
  readonly what: string;
  readonly action: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly status: number;
  readonly body: string;
}

const folder = new URL('../../test/golden/expected/', import.meta.url);

/** The calls of an action: those of the story first, then those that are refused. */
export function goldenCalls(action: string, format: 'json' | 'xml'): GoldenCall[] {
  const files = [`${action}.${format}.http`, `refused/${action}.${format}.http`].map((name) => new URL(name, folder));
  return files.filter((file) => existsSync(file)).flatMap((file) => parse(readFileSync(file, 'utf8')));
}

function parse(text: string): GoldenCall[] {
  return text
    .split(/^# /m)
    .slice(1)
    .map((step) => {
      const [head = '', answer = '', body = ''] = step.split('\n\n');
      const [what = '', action = '', ...lines] = head.split('\n');
      const parameters = lines.map((line) => {
        const equals = line.indexOf('=');
        return [line.slice(2, equals), line.slice(equals + 1)] as const;
      });
      return { what, action, parameters: new Map(parameters), status: Number(answer.split('\n', 1)[0]), body };
    });
}

export const isSuccess = ({ body }: GoldenCall): boolean => /"Success":true|<Success>true</.test(body);

/** The `Code` of a refusal. */
export const codeOf = ({ body }: GoldenCall): string | undefined =>
  isSuccess({ body } as GoldenCall)
    ? undefined
    : (/"Code":"([^"]*)"|<Code>([^<]*)</.exec(body) ?? []).slice(1).find(Boolean);
