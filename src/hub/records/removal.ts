/**
 * What became of a tag or a manifest that was to go.
 *
 * @property index the digest of one that a manifest is part of, and that is to go first
 * @property immutableTag a tag that goes with it, or that it is, and that a pattern of immutable tags has
 */
export type Removal =
  | { readonly kind: 'removed' }
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'kept';
      readonly index?: string | undefined;
      readonly immutableTag?: string | undefined;
    };
