import type { Network } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Everything about one network, its containers too. */
export function inspectNetwork(
  daemon: Daemon,
  id: string,
  options: { verbose?: boolean; scope?: string } = {},
): Promise<Network> {
  return daemon.json({ method: 'GET', path: `/networks/${encodeURIComponent(id)}`, query: options });
}
