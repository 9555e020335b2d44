/** Bytes from `start` up to and with `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The part that a `Range` header asks for. Undefined where the whole is to be sent: there is none, it asks for several, or it
 * is not of the grammar.
 *
 * @see RFC 9110, § 14.2
 */
export function requestedSpan(header: string | undefined, size: number): Span | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null) return undefined;
  const [first, last] = [match[1]!, match[2]!];
  if (first === '' && last === '') return undefined;
  if (first === '') return suffix(Number(last), size);
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}

const suffix = (length: number, size: number): Span | 'unsatisfiable' =>
  length === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size - 1 };
