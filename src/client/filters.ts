/** Filters by name, each with its values: any of a name's values, all of the names. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** Filters as a query carries them; undefined when there are none. */
export function filterText(filters: Filters = {}): string | undefined {
  const named = Object.entries(filters).filter(([, values]) => values.length > 0);
  if (named.length === 0) return undefined;
  named.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(named.map(([name, values]) => [name, trueOf(values)])));
}

// the form that daemons of every version read
const trueOf = (values: readonly string[]) =>
  Object.fromEntries([...values].sort().map((value) => [value, true]));
