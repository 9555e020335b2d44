/** Docker's `filters` parameter once parsed: every name with its values; of one name any value will do, of two both must. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** Whether `value` is among those asked for under `name`; yes when the name is not asked for. */
export const matchesExactly = (filters: Filters, name: string, value: string): boolean =>
  filters[name] === undefined || filters[name].includes(value);

/**
 * Whether labels fulfil all of the wanted ones: `key` (present) or `key=value` (equal).
 *
 * Unlike other filters, every label asked for must match.
 */
export function matchesLabels(
  wanted: readonly string[] | undefined,
  labels: Readonly<Record<string, string>> | null | undefined,
): boolean {
  return (wanted ?? []).every((label) => {
    const at = label.indexOf('=');
    if (at < 0) return labels?.[label] !== undefined;
    return labels?.[label.slice(0, at)] === label.slice(at + 1);
  });
}
