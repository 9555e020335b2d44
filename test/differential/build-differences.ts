/** What of a build comes out otherwise than dockerd's, and why that is right. */
export const buildDifferences: Readonly<
  Record<
    string,
    { readonly parts: readonly ('failed' | 'files' | 'config' | 'history')[]; readonly why: string }
  >
> = {};
