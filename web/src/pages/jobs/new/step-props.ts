import type { Draft, DraftField, Package } from './draft.ts';

export interface StepProps {
  readonly draft: Draft;
  readonly firmware: Package;
  readonly change: (changes: Partial<Draft>) => void;
  /** Typed names that are no devices of the product, as far as is known. */
  readonly unknown: readonly string[];
  /** What is wrong with a field, in words. */
  readonly faultOf: (field: DraftField) => string | undefined;
}
