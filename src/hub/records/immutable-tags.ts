/** Whether a tag, once there, stays what it is, by a repository's patterns: `*` is any characters, also none, `?` is one. */
export const isImmutableTag = (patterns: readonly string[], tag: string): boolean =>
  patterns.some((one) => fits(one, tag));

/** Steps back to the last `*` only, so that its time is at most the product of both lengths. */
function fits(pattern: string, tag: string): boolean {
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (let i = 0; i < tag.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      starAt = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === tag[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++starAt;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
