/** What a device search is written with, and what can be wrong with it. */

/** Named after the codes `iot.devicesearch.*` (openapi-gateway 10). */
export type SearchProblem = 'syntax' | 'condition' | 'field' | 'operator' | 'order' | 'offset' | 'parameter';

export interface SearchLimits {
  /** Characters of the text. */
  readonly searchLength: number;
  /** Comparisons in it. */
  readonly searchConditions: number;
}

export interface RefusedSearch {
  readonly ok: false;
  readonly problem: SearchProblem;
  /** What is wrong and where. */
  readonly detail: string;
}

/** Thrown while a text is read. */
export class Problem extends Error {
  readonly problem: SearchProblem;

  constructor(problem: SearchProblem, detail: string, at?: number) {
    super(at === undefined ? detail : `${detail} at position ${at + 1}`);
    this.problem = problem;
  }
}

export interface Token {
  readonly kind: 'word' | 'text' | 'symbol' | 'end';
  /** A word in lower case, the inside of a text, a symbol. */
  readonly value: string;
  readonly at: number;
}

/** How a refusal ends that expected something else. */
export const found = (token: Token) =>
  token.kind === 'end' ? ', the text ends' : `, found ${JSON.stringify(token.value)}`;

/** The tokens of a text, taken one after the other. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  /** @throws Problem */
  constructor(text: string, limits: Pick<SearchLimits, 'searchLength'>) {
    if (text.length > limits.searchLength) throw new Problem('syntax', `more than ${limits.searchLength} characters`);
    this.#tokens = tokens(text);
  }

  peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  /** Takes the next token if it is this one. */
  taken(kind: Token['kind'], value: string): boolean {
    const token = this.peek();
    if (token.kind !== kind || token.value !== value) return false;
    this.#next += 1;
    return true;
  }

  /** @throws Problem */
  needWord(word: string): void {
    if (!this.taken('word', word))
      throw new Problem('syntax', `${word.toUpperCase()} expected${found(this.peek())}`, this.peek().at);
  }

  /** @throws Problem */
  need(symbol: string): void {
    if (!this.taken('symbol', symbol))
      throw new Problem('syntax', `"${symbol}" expected${found(this.peek())}`, this.peek().at);
  }
}

/** What `read` makes of a text, or what is wrong with it. */
export function refusable<R>(read: () => R): R | RefusedSearch {
  try {
    return read();
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.problem, detail: error.message };
    throw error;
  }
}

const TOKEN = /(\w[\w.]*)|"([^"]*)"|'([^']*)'|(<=|>=|<>|!=|[()=<>,*])/y;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at === text.length) break;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new Problem('syntax', `unexpected ${JSON.stringify([...text.slice(at)][0])}`, at);
    const [whole, word, double, single, symbol] = match;
    if (word !== undefined) found.push({ kind: 'word', value: word.toLowerCase(), at });
    else if (symbol !== undefined) found.push({ kind: 'symbol', value: symbol, at });
    else found.push({ kind: 'text', value: double ?? single ?? '', at });
    at += whole.length;
  }
  found.push({ kind: 'end', value: '', at });
  return found;
}
