import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Ends servers: they listen no more, requests under way are finished for so long at most, and what is left then is cut.
 *
 * @returns whether nothing had to be cut
 */
export async function end(servers: readonly Server[], graceMs: number): Promise<boolean> {
  let closed = false;
  const all = Promise.all(servers.map(closedOf)).then(() => {
    closed = true;
  });
  const until = performance.now() + graceMs;
  while (!closed && performance.now() < until) {
    // connections that have become idle since
    for (const server of servers) server.closeIdleConnections();
    await Promise.race([all, sleep(50)]);
  }
  const isClean = closed;
  for (const server of servers) server.closeAllConnections();
  await all;
  return isClean;
}

function closedOf(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
}
