import { readFileSync, writeFileSync } from 'node:fs';
import type { Log } from '#base/log.ts';
import type { Link } from '#linux/netlink-host.ts';
import type { Database } from '#state/index.ts';

const SYSCTL = '/proc/sys/net/ipv4/ip_forward';
const META = 'network.forwarding';

/** Lets the host forward packets, as containers' traffic needs; that it did not before is remembered. */
export function enableForwarding(database: Database, log: Log): void {
  try {
    if (readFileSync(SYSCTL, 'utf8').trim() !== '0') return;
    database.run("INSERT INTO meta (name, value) VALUES (?, 'enabled') ON CONFLICT (name) DO NOTHING", META);
    writeFileSync(SYSCTL, '1');
  } catch (error) {
    log.warn('IPv4 forwarding cannot be enabled: containers reach the host alone', { error });
  }
}

/**
 * Ends forwarding where it was this engine that began it, and nothing is left on the host that could rely on it: with
 * any link but hardware (a bridge, a tunnel), it stays.
 */
export function restoreForwarding(database: Database, links: readonly Link[]): void {
  if (database.get('SELECT value FROM meta WHERE name = ?', META) === undefined) return;
  if (links.every(({ kind }) => kind === '' || kind === 'ifb' || kind === 'dummy'))
    writeFileSync(SYSCTL, '0');
  database.run('DELETE FROM meta WHERE name = ?', META);
}
