import { deviceStatusNumber } from '../contract/device-status.ts';

/**
 * The where clause of the vendor's device search, which is the rule of a dynamic group: conditions on a device joined by
 * AND and OR. NOT, IN, `!=` and parentheses are taken too. One syntax tree serves the database and a look at one device.
 */

/** What a text must be: one of some values, or one that begins so; negated, anything else. */
export type TextTest =
  | { readonly kind: 'in'; readonly values: readonly string[]; readonly negated: boolean }
  | { readonly kind: 'prefix'; readonly prefix: string; readonly negated: boolean };

export type DeviceField = 'productKey' | 'id' | 'name' | 'nickname' | 'status';

export type DeviceSearch =
  | { readonly kind: 'and' | 'or'; readonly of: readonly DeviceSearch[] }
  | { readonly kind: 'not'; readonly of: DeviceSearch }
  | { readonly kind: 'field'; readonly field: DeviceField; readonly test: TextTest }
  /** Is the device directly in a static group of such an id? Negated: in none. */
  | { readonly kind: 'group'; readonly test: TextTest }
  /** Has the device one tag, or one module that it reported, whose two halves pass what is asked of them? */
  | {
      readonly kind: PairKind;
      readonly name: TextTest | undefined;
      readonly value: TextTest | undefined;
    };

export type PairKind = 'tag' | 'module';

export interface Pair {
  readonly name: string;
  /** The value of a tag, the version of a module. */
  readonly value: string;
}

/** What a search may ask about a device. */
export interface SearchedDevice {
  readonly fields: Readonly<Record<DeviceField, string>>;
  /** Static groups that it is directly in. */
  readonly groups: readonly string[];
  readonly tag: readonly Pair[];
  readonly module: readonly Pair[];
}

/** Named after the codes `iot.devicesearch.*` (openapi-gateway 10). */
export type SearchProblem = 'syntax' | 'condition' | 'field' | 'operator' | 'order' | 'offset' | 'parameter';

export type ParsedSearch =
  | { readonly ok: true; readonly search: DeviceSearch }
  | { readonly ok: false; readonly problem: SearchProblem; readonly detail: string };

export interface SearchLimits {
  /** Characters of the text. */
  readonly searchLength: number;
  /** Comparisons in it. */
  readonly searchConditions: number;
}

const DEPTH = 20;

type Target =
  | { readonly kind: 'field'; readonly field: DeviceField }
  | { readonly kind: 'group' }
  | { readonly kind: PairKind; readonly half: 'name' | 'value' };

const TARGETS: ReadonlyMap<string, Target> = new Map<string, Target>([
  ['product_key', { kind: 'field', field: 'productKey' }],
  ['iot_id', { kind: 'field', field: 'id' }],
  ['name', { kind: 'field', field: 'name' }],
  ['nickname', { kind: 'field', field: 'nickname' }],
  ['status', { kind: 'field', field: 'status' }],
  ['group.group_id', { kind: 'group' }],
  ['tag.tag_name', { kind: 'tag', half: 'name' }],
  ['tag.tag_value', { kind: 'tag', half: 'value' }],
  ['ota_module.name', { kind: 'module', half: 'name' }],
  ['ota_module.version', { kind: 'module', half: 'value' }],
]);

class Problem extends Error {
  readonly problem: SearchProblem;

  constructor(problem: SearchProblem, detail: string, at?: number) {
    super(at === undefined ? detail : `${detail} at position ${at + 1}`);
    this.problem = problem;
  }
}

interface Token {
  readonly kind: 'word' | 'text' | 'symbol' | 'end';
  /** A word in lower case, the inside of a text, a symbol. */
  readonly value: string;
  readonly at: number;
}

/** Reads an expression; `detail` of a refusal says what is wrong and where. */
export function parseDeviceSearch(text: string, limits: SearchLimits): ParsedSearch {
  try {
    if (text.length > limits.searchLength) throw new Problem('syntax', `more than ${limits.searchLength} characters`);
    return { ok: true, search: new Parser(tokens(text), limits.searchConditions).whole() };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.problem, detail: error.message };
    throw error;
  }
}

const TOKEN = /(\w[\w.]*)|"([^"]*)"|'([^']*)'|(<=|>=|<>|!=|[()=<>,])/y;

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

/** A condition on one half of a tag or module, before it is known which others speak of the same one. */
type Condition =
  | DeviceSearch
  | { readonly kind: 'half'; readonly pair: PairKind; readonly half: 'name' | 'value'; readonly test: TextTest };

class Parser {
  readonly #tokens: readonly Token[];
  readonly #mostConditions: number;
  #next = 0;
  #conditions = 0;
  #depth = 0;

  constructor(found: readonly Token[], mostConditions: number) {
    this.#tokens = found;
    this.#mostConditions = mostConditions;
  }

  whole(): DeviceSearch {
    const search = this.#any();
    const { kind, value, at } = this.#peek();
    if (kind === 'end') return search;
    if (value === 'order') throw new Problem('order', 'a group has no order', at);
    if (value === 'limit') throw new Problem('offset', 'a group has no limit', at);
    throw new Problem('syntax', `AND or OR expected${found(this.#peek())}`, at);
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  #taken(kind: Token['kind'], value: string): boolean {
    const token = this.#peek();
    if (token.kind !== kind || token.value !== value) return false;
    this.#next += 1;
    return true;
  }

  #need(symbol: string): void {
    if (!this.#taken('symbol', symbol))
      throw new Problem('syntax', `"${symbol}" expected${found(this.#peek())}`, this.#peek().at);
  }

  #any(): DeviceSearch {
    const of = [this.#all()];
    while (this.#taken('word', 'or')) of.push(this.#all());
    return joined('or', of);
  }

  #all(): DeviceSearch {
    const of = [this.#one()];
    while (this.#taken('word', 'and')) of.push(this.#one());
    return joined('and', paired(of));
  }

  #one(): Condition {
    const { at } = this.#peek();
    if (this.#taken('word', 'not'))
      return this.#inner(at, () => ({ kind: 'not', of: joined('and', paired([this.#one()])) }));
    if (!this.#taken('symbol', '(')) return this.#condition();
    return this.#inner(at, () => {
      const search = this.#any();
      this.#need(')');
      return search;
    });
  }

  #inner(at: number, read: () => DeviceSearch): DeviceSearch {
    if (++this.#depth > DEPTH) throw new Problem('condition', `conditions nest in more than ${DEPTH} levels`, at);
    const search = read();
    this.#depth -= 1;
    return search;
  }

  #condition(): Condition {
    const field = this.#take();
    if (field.kind !== 'word') throw new Problem('syntax', `a field expected${found(field)}`, field.at);
    const target = TARGETS.get(field.value);
    if (!target) throw new Problem('field', `unknown field ${field.value}`, field.at);
    if (++this.#conditions > this.#mostConditions) {
      throw new Problem('condition', `more than ${this.#mostConditions} conditions`, field.at);
    }
    const test = this.#test(target);
    if (target.kind === 'field') return { ...target, test };
    return target.kind === 'group'
      ? { kind: 'group', test }
      : { kind: 'half', pair: target.kind, half: target.half, test };
  }

  #test(target: Target): TextTest {
    const negated = this.#taken('word', 'not');
    const operator = this.#take();
    switch (operator.value) {
      case '=':
      case '!=':
      case '<>':
        if (negated || operator.kind !== 'symbol') break;
        return { kind: 'in', values: [this.#text(target)], negated: operator.value !== '=' };
      case 'in':
        if (operator.kind !== 'word') break;
        return { kind: 'in', values: this.#list(target), negated };
      case 'like':
        if (operator.kind !== 'word') break;
        return this.#pattern(target, negated);
    }
    // all fields are texts, which have no order
    throw new Problem('operator', `=, !=, LIKE or IN expected${found(operator)}`, operator.at);
  }

  #list(target: Target): string[] {
    this.#need('(');
    const values = [this.#text(target)];
    while (this.#taken('symbol', ',')) values.push(this.#text(target));
    this.#need(')');
    return values;
  }

  #text(target: Target): string {
    const token = this.#take();
    if (token.kind !== 'text') throw new Problem('parameter', `a text in quotes expected${found(token)}`, token.at);
    if (target.kind === 'field' && target.field === 'status' && deviceStatusNumber(token.value) === undefined) {
      throw new Problem('parameter', `no status: ${JSON.stringify(token.value)}`, token.at);
    }
    return token.value;
  }

  /** LIKE finds what begins with a text; the percent sign may stand at its end only. */
  #pattern(target: Target, negated: boolean): TextTest {
    const { at } = this.#peek();
    if (target.kind === 'field' && target.field === 'status')
      throw new Problem('operator', 'a status is compared by = or IN', at);
    const pattern = this.#text(target);
    const star = pattern.indexOf('%');
    if (star === -1) return { kind: 'in', values: [pattern], negated };
    if (star < pattern.length - 1) throw new Problem('parameter', 'LIKE takes % at the end only', at);
    return { kind: 'prefix', prefix: pattern.slice(0, -1), negated };
  }
}

const found = (token: Token) => (token.kind === 'end' ? ', the text ends' : `, found ${JSON.stringify(token.value)}`);

function joined(kind: 'and' | 'or', of: readonly DeviceSearch[]): DeviceSearch {
  return of.length === 1 ? (of[0] as DeviceSearch) : { kind, of };
}

/**
 * Conditions of one AND that speak of the same tag or module: a name and a value that follow one another, in either
 * order. A second name, or a second value, begins another tag.
 */
function paired(conditions: readonly Condition[]): DeviceSearch[] {
  const result: DeviceSearch[] = [];
  const open = new Map<PairKind, number>();
  for (const condition of conditions) {
    if (condition.kind !== 'half') {
      result.push(condition);
      continue;
    }
    const { pair, half, test } = condition;
    const index = open.get(pair);
    const begun = index === undefined ? undefined : result[index];
    if (index !== undefined && begun?.kind === pair && begun[half] === undefined) {
      result[index] = { ...begun, [half]: test };
      open.delete(pair);
    } else {
      open.set(pair, result.length);
      result.push({ kind: pair, name: undefined, value: undefined, [half]: test });
    }
  }
  return result;
}

const passes = (test: TextTest, text: string): boolean =>
  (test.kind === 'in' ? test.values.includes(text) : text.startsWith(test.prefix)) !== test.negated;

/** Does the search find this device? */
export function finds(search: DeviceSearch, device: SearchedDevice): boolean {
  switch (search.kind) {
    case 'and':
      return search.of.every((part) => finds(part, device));
    case 'or':
      return search.of.some((part) => finds(part, device));
    case 'not':
      return !finds(search.of, device);
    case 'field':
      return passes(search.test, device.fields[search.field]);
    case 'group': {
      const { test } = search;
      return device.groups.some((id) => passes({ ...test, negated: false }, id)) !== test.negated;
    }
    default:
      return device[search.kind].some(
        ({ name, value }) =>
          (search.name === undefined || passes(search.name, name)) &&
          (search.value === undefined || passes(search.value, value)),
      );
  }
}

/** The products that all devices found are of; undefined when they may be of any. */
export function productsOf(search: DeviceSearch): readonly string[] | undefined {
  switch (search.kind) {
    case 'field':
      return search.field === 'productKey' && search.test.kind === 'in' && !search.test.negated
        ? [...new Set(search.test.values)]
        : undefined;
    case 'and': {
      const limits = search.of.map(productsOf).filter((keys) => keys !== undefined);
      return limits.length === 0 ? undefined : limits.reduce((kept, keys) => kept.filter((key) => keys.includes(key)));
    }
    case 'or': {
      const limits = search.of.map(productsOf);
      return limits.includes(undefined) ? undefined : [...new Set(limits.flatMap((keys) => keys ?? []))];
    }
    default:
      return undefined;
  }
}
