import type { Span } from '../http/ranges.ts';

/**
 * What part of a blob a chunk is, as a client says it: `0-99`, or RFC 9110's `bytes 0-99/*`.
 *
 * @see OCI distribution-spec, § Pushing a blob in chunks
 */
export function chunkSpan(header: string): Span | undefined {
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d{1,15}|\*))?$/.exec(header.trim());
  if (match === null) return undefined;
  const [start, end] = [Number(match[1]), Number(match[2])];
  return end < start ? undefined : { start, end };
}

/** What was received, as `Range` tells it: of nothing, what docker-registry says too. */
export const receivedRange = (received: number): string => `0-${Math.max(0, received - 1)}`;
