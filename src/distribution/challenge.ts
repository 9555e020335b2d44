/** One way a server wants to be convinced: `Bearer realm="https://auth…",service="registry"`. @see RFC 9110 § 11.6.1 */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const longest = 16_384;

/** The challenges of `WWW-Authenticate`. What does not parse ends the list: a header is a stranger's. */
export function parseChallenges(header: string | readonly string[] | undefined): readonly Challenge[] {
  const text = (Array.isArray(header) ? header.join(', ') : ((header as string | undefined) ?? '')).slice(
    0,
    longest,
  );
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const token = /\s*,?\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*)))?/y;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, name = '', quoted, plain] = match;
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else Object.assign(challenges.at(-1)?.parameters ?? {}, { [name.toLowerCase()]: value });
  }
  return challenges;
}
