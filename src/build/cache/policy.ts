/** How much of the disk the cache may have, by itself. Bytes; age in seconds. */
export interface CachePolicy {
  /** What is kept whatever else is said: even what is old, even when little is free. */
  readonly reservedSpace: number;
  /** 0: no limit. */
  readonly maxUsedSpace: number;
  readonly minFreeSpace: number;
  /** What was not used for so long goes first, cap or no cap; 0: it stays. */
  readonly unusedSeconds: number;
}

/**
 * Bytes that must go: over the most that may be used, or missing from the free space, but never of what is reserved.
 *
 * @see BuildKit, cache/manager.go § calculateKeepBytes
 */
export function excessOf(
  disk: { readonly used: number; readonly free: number },
  { reservedSpace, maxUsedSpace, minFreeSpace }: Omit<CachePolicy, 'unusedSeconds'>,
): number {
  const over = maxUsedSpace > 0 ? disk.used - maxUsedSpace : 0;
  const lacking = minFreeSpace - disk.free;
  return Math.min(Math.max(over, lacking, 0), Math.max(disk.used - reservedSpace, 0));
}
