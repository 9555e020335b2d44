import { readFileSync, writeFileSync } from 'node:fs';
import type { Log } from '#base/log.ts';
import type { Link } from '#linux/netlink-host.ts';
import type { Database } from '#state/index.ts';

const SYSCTL = '/proc/sys/net/ipv4/ip_forward';
const META = 'network.forwarding';

/**
 * Lets the host forward packets, as containers' traffic needs; that it did not before is remembered.
 *
 * @returns whether it was this engine, now or earlier, that made it forward
 */
export function enableForwarding(database: Database, log: Log): boolean {
  try {
    if (readFileSync(SYSCTL, 'utf8').trim() !== '0') return isRemembered(database);
    database.run("INSERT INTO meta (name, value) VALUES (?, 'enabled') ON CONFLICT (name) DO NOTHING", META);
    writeFileSync(SYSCTL, '1');
    return true;
  } catch (error) {
    log.warn('IPv4 forwarding cannot be enabled: containers reach the host alone', { error });
    return false;
  }
}

const isRemembered = (database: Database): boolean =>
  database.get('SELECT value FROM meta WHERE name = ?', META) !== undefined;

/**
 * Ends forwarding where it was this engine that began it, and nothing is left on the host that could rely on it: with
 * a bridge or a tunnel, it stays.
 */
export function restoreForwarding(database: Database, links: readonly Link[]): void {
  if (!isRemembered(database)) return;
  if (links.every(({ kind }) => ['', 'dummy', 'ifb', 'veth'].includes(kind))) writeFileSync(SYSCTL, '0');
  database.run('DELETE FROM meta WHERE name = ?', META);
}
