import { type Draft, newDraft } from './draft.ts';

/** Increased when a draft has other members: what an older page of the same tab kept is of no use then. */
const SHAPE = 1;

export const draftAsText = (draft: Draft): string => JSON.stringify({ shape: SHAPE, draft });

/** @returns undefined for what is no draft of this shape */
export function draftInText(text: string): Draft | undefined {
  try {
    const { shape, draft } = JSON.parse(text) as { readonly shape: unknown; readonly draft: Draft };
    return shape === SHAPE ? { ...newDraft(draft.kind), ...draft } : undefined;
  } catch {
    return undefined;
  }
}
