import type { ContainerStatsResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { jsonValues } from '../json-stream.ts';

/** Measurements of a container: one every second, or with `stream: false` a single one. */
export async function containerStats(
  daemon: Daemon,
  id: string,
  { signal, ...query }: { stream: boolean; 'one-shot'?: boolean; signal?: AbortSignal },
): Promise<AsyncIterable<ContainerStatsResponse>> {
  const path = `/containers/${encodeURIComponent(id)}/stats`;
  const answer = await daemon.call({ method: 'GET', path, query, ...(signal && { signal }) });
  return jsonValues(answer.body);
}
