import type { Db } from '../store/engine.ts';
import { countVersions, sliceOfProduct } from '../store/queries/modules.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { requireProduct } from './products.ts';

/** Devices looked at in one statement: some 10 ms. */
const SLICE = 5_000;
/** Different versions of a product that are told apart; devices may say what they like. */
const MOST_VERSIONS = 10_000;
const MOST_SHOWN = 100;

/** Versions of all modules of a product as its devices reported them. */
interface Counted {
  /** When counting began, ms. */
  readonly at: number;
  readonly deviceCount: number;
  readonly modules: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Devices at versions beyond those that are told apart, by module. */
  readonly others: ReadonlyMap<string, number>;
}

export interface ModuleDistribution {
  readonly module: string;
  /** Devices that reported a version of it. */
  readonly deviceCount: number;
  readonly versionCount: number;
  /** The most frequent ones first. */
  readonly versions: readonly (readonly [version: string, deviceCount: number])[];
  readonly otherDeviceCount: number;
}

/**
 * Which versions of its modules the devices of a product run. Every device is looked at once, a slice at a time: the
 * answer holds for no single moment but counts nobody twice.
 * @param wanted.most versions shown of a module, 1-100
 * @throws product.*, common.invalidParameter
 */
export async function versionDistribution(
  { engine, clock, figures }: Pick<Deps, 'engine' | 'clock' | 'figures'>,
  scope: Scope,
  wanted: { readonly productKey: string; readonly module: string | undefined; readonly most: number },
) {
  if (wanted.most < 1 || wanted.most > MOST_SHOWN) fail('common.invalidParameter', { Parameter: 'MaxVersions' });
  const { key } = await requireProduct(engine.read, scope, wanted.productKey);
  const counted = await figures.remember(`versions ${key}`, () => count(engine.read, key, clock.now()));
  const modules = [...counted.modules]
    .filter(([module]) => wanted.module === undefined || module === wanted.module)
    .sort(([a], [b]) => Number(b === 'default') - Number(a === 'default') || (a < b ? -1 : 1))
    .map(([module, versions]) => distribution(module, versions, counted.others.get(module) ?? 0, wanted.most));
  return { at: counted.at, deviceCount: counted.deviceCount, modules };
}

function distribution(
  module: string,
  versions: ReadonlyMap<string, number>,
  others: number,
  most: number,
): ModuleDistribution {
  const sorted = [...versions].sort(([v, a], [w, b]) => b - a || (v < w ? -1 : 1));
  const sum = (of: typeof sorted) => of.reduce((total, [, devices]) => total + devices, 0);
  return {
    module,
    deviceCount: sum(sorted) + others,
    versionCount: sorted.length,
    versions: sorted.slice(0, most),
    otherDeviceCount: sum(sorted.slice(most)) + others,
  };
}

async function count(db: Db, productKey: string, at: number): Promise<Counted> {
  const modules = new Map<string, Map<string, number>>();
  const others = new Map<string, number>();
  let deviceCount = 0;
  let different = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const slice: { readonly count: number; readonly last: string | null } = await sliceOfProduct(
      db,
      productKey,
      after,
      SLICE,
    );
    if (slice.last === null) break;
    for (const row of await countVersions(db, productKey, { after, upTo: slice.last })) {
      const versions = modules.get(row.module) ?? new Map<string, number>();
      const before = versions.get(row.version);
      if (before === undefined && different >= MOST_VERSIONS) {
        if (modules.has(row.module)) others.set(row.module, (others.get(row.module) ?? 0) + row.count);
        continue;
      }
      if (before === undefined) different += 1;
      modules.set(row.module, versions.set(row.version, (before ?? 0) + row.count));
    }
    deviceCount += slice.count;
    after = slice.count < SLICE ? undefined : slice.last;
  }
  return { at, deviceCount, modules, others };
}
