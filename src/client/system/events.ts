import type { EventMessage } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';
import { jsonValues } from '../json-stream.ts';

/** What happens in a daemon, from `since` (seconds since 1970) to `until`, or to no end. */
export async function events(
  daemon: Daemon,
  {
    filters,
    signal,
    ...query
  }: { since?: string; until?: string; filters?: Filters; signal?: AbortSignal } = {},
): Promise<AsyncIterable<EventMessage>> {
  const call = { method: 'GET', path: '/events', query: { ...query, filters: filterText(filters) } } as const;
  return jsonValues((await daemon.call({ ...call, ...(signal && { signal }) })).body);
}
