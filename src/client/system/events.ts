import type { EventMessage } from '#api/index.ts';
import type { Call } from '../call.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';
import { jsonTexts, jsonValues } from '../json-stream.ts';

export interface EventOptions {
  /** Seconds since 1970. */
  readonly since?: string;
  readonly until?: string;
  readonly filters?: Filters;
  readonly signal?: AbortSignal;
}

/** What happens in a daemon, from `since` to `until`, or to no end. */
export async function events(
  daemon: Daemon,
  options: EventOptions = {},
): Promise<AsyncIterable<EventMessage>> {
  return jsonValues((await daemon.call(callOf(options))).body);
}

/** The same as JSON texts: `timeNano` has more digits than a number keeps. */
export async function eventTexts(daemon: Daemon, options: EventOptions = {}): Promise<AsyncIterable<string>> {
  return jsonTexts((await daemon.call(callOf(options))).body);
}

function callOf({ filters, signal, ...query }: EventOptions): Call {
  return {
    method: 'GET',
    path: '/events',
    query: { ...query, filters: filterText(filters) },
    ...(signal && { signal }),
  };
}
