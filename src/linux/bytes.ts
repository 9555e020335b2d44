/** A path or name as the kernel takes it: text in UTF-8, or the very bytes (which need not be UTF-8). */
export type Path = string | Uint8Array;

/** What `sys` takes for a path: text as it is, bytes with the NUL that ends them. */
export function terminated(path: Path): string | Uint8Array {
  if (typeof path === 'string') return path;
  const bytes = new Uint8Array(path.length + 1);
  bytes.set(path);
  return bytes;
}

/** A path for people to read: bytes that are not UTF-8 are replaced. */
export const shown = (path: Path): string => (typeof path === 'string' ? path : Buffer.from(path).toString());

/** A struct of nothing but 64-bit words, in the machine's (little-endian) order. */
export const words = (...values: readonly (number | bigint)[]): Uint8Array =>
  new Uint8Array(BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(value))).buffer);
