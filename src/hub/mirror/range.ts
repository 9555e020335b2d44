/**
 * The one range that a `Range` header asks for; undefined for the whole. Several ranges are answered by the whole, as RFC 9110
 * § 14.2 allows.
 */
export function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly length: number } | 'unsatisfiable' | undefined {
  const found = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (found === null) return undefined;
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  if (start >= size || (first === '' && Number(last) === 0)) return 'unsatisfiable';
  return { start, length: end - start + 1 };
}
