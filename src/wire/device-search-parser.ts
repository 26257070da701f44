import { deviceStatusNumber } from '../contract/device-status.ts';
import type { DeviceField, DeviceSearch, PairKind, TextTest, TimeField, TimeOperator } from './device-search.ts';
import { found, Problem, type RefusedSearch, refusable, type SearchLimits, TokenReader } from './search-tokens.ts';
import { parseChinaTime } from './time.ts';

/**
 * The language of the vendor's device search. Its where clause, conditions joined by AND and OR, is also the rule of a
 * dynamic group. NOT, IN, `!=` and parentheses are taken too.
 */

export type ParsedSearch = { readonly ok: true; readonly search: DeviceSearch } | RefusedSearch;

/** What a statement may name: a condition on it, or a member of the answer. */
export const selectable = [
  'product_key',
  'iot_id',
  'name',
  'nickname',
  'status',
  'active_time',
  'gmt_create',
  'gmt_modified',
  'group.group_id',
  'tag.tag_name',
  'tag.tag_value',
  'ota_module.name',
  'ota_module.version',
] as const;
export type Selectable = (typeof selectable)[number];

const DEPTH = 20;
type Target =
  | { readonly kind: 'field'; readonly field: DeviceField }
  | { readonly kind: 'time'; readonly field: TimeField }
  | { readonly kind: 'group' }
  | { readonly kind: PairKind; readonly half: 'name' | 'value' };

/** What conditions can be on. */
export const targets: ReadonlyMap<string, Target> = new Map<Selectable, Target>([
  ['product_key', { kind: 'field', field: 'productKey' }],
  ['iot_id', { kind: 'field', field: 'id' }],
  ['name', { kind: 'field', field: 'name' }],
  ['nickname', { kind: 'field', field: 'nickname' }],
  ['status', { kind: 'field', field: 'status' }],
  ['active_time', { kind: 'time', field: 'activeAt' }],
  ['gmt_create', { kind: 'time', field: 'createdAt' }],
  ['gmt_modified', { kind: 'time', field: 'modifiedAt' }],
  ['group.group_id', { kind: 'group' }],
  ['tag.tag_name', { kind: 'tag', half: 'name' }],
  ['tag.tag_value', { kind: 'tag', half: 'value' }],
  ['ota_module.name', { kind: 'module', half: 'name' }],
  ['ota_module.version', { kind: 'module', half: 'value' }],
]);

const timeOperators: ReadonlyMap<string, TimeOperator> = new Map<string, TimeOperator>([
  ['=', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** Reads a where clause; `detail` of a refusal says what is wrong and where. */
export function parseDeviceSearch(text: string, limits: SearchLimits): ParsedSearch {
  return refusable(() => {
    const reader = new TokenReader(text, limits);
    const search = readClause(reader, limits);
    const { kind, value, at } = reader.peek();
    if (kind === 'end') return { ok: true, search };
    if (value === 'order') throw new Problem('order', 'a group has no order', at);
    if (value === 'limit') throw new Problem('offset', 'a group has no limit', at);
    throw new Problem('syntax', `AND or OR expected${found(reader.peek())}`, at);
  });
}

/** Reads a where clause as far as it goes. @throws Problem */
export const readClause = (reader: TokenReader, limits: Pick<SearchLimits, 'searchConditions'>): DeviceSearch =>
  new Parser(reader, limits.searchConditions).clause();

/** A condition on one half of a tag or module, before it is known which others speak of the same one. */
type Condition =
  | DeviceSearch
  | { readonly kind: 'half'; readonly pair: PairKind; readonly half: 'name' | 'value'; readonly test: TextTest };

class Parser {
  readonly #reader: TokenReader;
  readonly #mostConditions: number;
  #conditions = 0;
  #depth = 0;

  constructor(reader: TokenReader, mostConditions: number) {
    this.#reader = reader;
    this.#mostConditions = mostConditions;
  }

  clause(): DeviceSearch {
    const of = [this.#all()];
    while (this.#reader.taken('word', 'or')) of.push(this.#all());
    return joined('or', of);
  }

  #all(): DeviceSearch {
    const of = [this.#one()];
    while (this.#reader.taken('word', 'and')) of.push(this.#one());
    return joined('and', paired(of));
  }

  #one(): Condition {
    const { at } = this.#reader.peek();
    if (this.#reader.taken('word', 'not'))
      return this.#inner(at, () => ({ kind: 'not', of: joined('and', paired([this.#one()])) }));
    if (!this.#reader.taken('symbol', '(')) return this.#condition();
    return this.#inner(at, () => {
      const search = this.clause();
      this.#reader.need(')');
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
    const field = this.#reader.take();
    if (field.kind !== 'word') throw new Problem('syntax', `a field expected${found(field)}`, field.at);
    const target = targets.get(field.value);
    if (!target) throw new Problem('field', `unknown field ${field.value}`, field.at);
    if (++this.#conditions > this.#mostConditions) {
      throw new Problem('condition', `more than ${this.#mostConditions} conditions`, field.at);
    }
    if (target.kind === 'time') return { ...target, ...this.#comparison() };
    const test = this.#test(target);
    if (target.kind === 'field') return { ...target, test };
    return target.kind === 'group'
      ? { kind: 'group', test }
      : { kind: 'half', pair: target.kind, half: target.half, test };
  }

  #comparison(): { readonly operator: TimeOperator; readonly at: number } {
    const operator = this.#reader.take();
    const known = operator.kind === 'symbol' ? timeOperators.get(operator.value) : undefined;
    if (!known) throw new Problem('operator', `=, !=, <, <=, > or >= expected${found(operator)}`, operator.at);
    const token = this.#reader.take();
    if (token.kind !== 'text') throw new Problem('parameter', `a text in quotes expected${found(token)}`, token.at);
    const at = parseChinaTime(token.value);
    if (at === undefined)
      throw new Problem('parameter', `no time as yyyy-MM-dd HH:mm:ss.SSS: ${JSON.stringify(token.value)}`, token.at);
    return { operator: known, at };
  }

  #test(target: Target): TextTest {
    const negated = this.#reader.taken('word', 'not');
    const operator = this.#reader.take();
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
    // texts have no order
    throw new Problem('operator', `=, !=, LIKE or IN expected${found(operator)}`, operator.at);
  }

  #list(target: Target): string[] {
    this.#reader.need('(');
    const values = [this.#text(target)];
    while (this.#reader.taken('symbol', ',')) values.push(this.#text(target));
    this.#reader.need(')');
    return values;
  }

  #text(target: Target): string {
    const token = this.#reader.take();
    if (token.kind !== 'text') throw new Problem('parameter', `a text in quotes expected${found(token)}`, token.at);
    if (target.kind === 'field' && target.field === 'status' && deviceStatusNumber(token.value) === undefined) {
      throw new Problem('parameter', `no status: ${JSON.stringify(token.value)}`, token.at);
    }
    return token.value;
  }

  /** LIKE finds what begins with a text; the percent sign may stand at its end only. */
  #pattern(target: Target, negated: boolean): TextTest {
    const { at } = this.#reader.peek();
    if (target.kind === 'field' && target.field === 'status')
      throw new Problem('operator', 'a status is compared by = or IN', at);
    const pattern = this.#text(target);
    const star = pattern.indexOf('%');
    if (star === -1) return { kind: 'in', values: [pattern], negated };
    if (star < pattern.length - 1) throw new Problem('parameter', 'LIKE takes % at the end only', at);
    return { kind: 'prefix', prefix: pattern.slice(0, -1), negated };
  }
}

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
