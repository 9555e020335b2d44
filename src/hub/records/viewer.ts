import type { Actor } from '../access/actor.ts';

/** For whom a list is: what only others may see is left out of it by the records themselves. */
export type Viewer =
  /** Sees what is public. */
  | { readonly kind: 'stranger' }
  /** Sees what is public, its own, what its organisations have where it owns or edits, and what is granted to it. */
  | { readonly kind: 'person'; readonly id: string }
  /** Sees all. */
  | { readonly kind: 'administrator' };

export function viewerOf(actor: Actor): Viewer {
  if (actor.kind === 'stranger') return { kind: 'stranger' };
  return actor.isAdmin ? { kind: 'administrator' } : { kind: 'person', id: actor.id };
}
