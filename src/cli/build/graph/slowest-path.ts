/** A node with the time it took. */
export interface TimedNode {
  readonly id: number;
  readonly inputs: readonly number[];
  readonly milliseconds: number;
}

/**
 * The chain of nodes, each an input of the next, that took longest: what a build waits for however much runs beside it.
 *
 * @param nodes inputs before those that have them
 * @returns ids from first to last; none where nothing took time
 */
export function slowestPath(nodes: readonly TimedNode[]): {
  readonly ids: readonly number[];
  readonly milliseconds: number;
} {
  const best = new Map<number, { total: number; before: number | undefined }>();
  let end: number | undefined;
  for (const { id, inputs, milliseconds } of nodes) {
    let before: number | undefined;
    for (const input of inputs) {
      if (best.has(input) && (before === undefined || best.get(input)!.total > best.get(before)!.total))
        before = input;
    }
    const total = milliseconds + (before === undefined ? 0 : best.get(before)!.total);
    best.set(id, { total, before });
    if (end === undefined || total > best.get(end)!.total) end = id;
  }
  const ids: number[] = [];
  for (let at = end; at !== undefined; at = best.get(at)!.before) ids.unshift(at);
  const milliseconds = end === undefined ? 0 : best.get(end)!.total;
  return milliseconds > 0 ? { ids, milliseconds } : { ids: [], milliseconds: 0 };
}
