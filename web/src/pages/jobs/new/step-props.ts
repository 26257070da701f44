import type { Draft, DraftField, Package } from './draft.ts';

export interface StepProps {
  readonly draft: Draft;
  readonly firmware: Package;
  readonly change: (changes: Partial<Draft>) => void;
  /** What is wrong with a field, in words. */
  readonly faultOf: (field: DraftField) => string | undefined;
}
