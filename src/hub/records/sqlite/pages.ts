import { setImmediate as turn } from 'node:timers/promises';
import type { Database, Value } from '#state/database.ts';

/** Rows that one step looks at: a millisecond or two, between which requests are served. */
export const batchSize = 256;

/**
 * Walks a table in its key's order, a batch at a time, with the event loop turning between two. A row that comes while it
 * walks may or may not be seen; none is seen twice.
 *
 * @param sql selects the rows after `?1` (and `?2`, …) in the key's order, without a limit
 * @param options.from a key before the first
 */
export async function* pages<T>(
  database: Database,
  sql: string,
  options: {
    readonly from: readonly Value[];
    readonly keyOf: (row: T) => readonly Value[];
    readonly signal?: AbortSignal | undefined;
  },
): AsyncGenerator<readonly T[]> {
  let after = options.from;
  for (;;) {
    options.signal?.throwIfAborted();
    const rows = database.all<T>(`${sql} LIMIT ${batchSize}`, ...after);
    if (rows.length > 0) yield rows;
    if (rows.length < batchSize) return;
    after = options.keyOf(rows.at(-1)!);
    await turn();
  }
}
