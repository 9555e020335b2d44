import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { conflict, invalid, messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import type { TlsFiles } from '#server/index.ts';
import { type Address, shownAddress } from './address.ts';
import type { Settings, TlsPaths } from './settings.ts';

/** The certificates that the paths name. @throws {EngineError} `invalid`: dockerd's words */
export function readTls(paths: TlsPaths): TlsFiles {
  try {
    return {
      certificate: readFileSync(paths.certificate),
      key: readFileSync(paths.key),
      ...(paths.authority && { authority: readFileSync(paths.authority) }),
    };
  } catch (cause) {
    throw invalid(`Could not load X509 key pair: ${messageOf(cause)}`, { cause });
  }
}

/** Whoever reaches the API is root here, so TCP is for clients with a certificate, unless insecurity is asked for. */
export function checkTcp(settings: Pick<Settings, 'addresses' | 'tls' | 'insecureTcp'>, log: Log): void {
  const open = settings.addresses.filter((address) => address.kind === 'tcp');
  if (open.length === 0 || settings.tls?.authority !== undefined) return;
  const hosts = open.map(shownAddress).join(', ');
  if (!settings.insecureTcp)
    throw invalid(
      `Refusing to serve ${hosts} to clients without a certificate: whoever reaches it is root on this machine. ` +
        'Use --tlsverify with --tlscacert, --tlscert and --tlskey, or accept the risk with --insecure-tcp-without-tls',
    );
  log.warn(
    'THE API IS SERVED OVER TCP TO CLIENTS THAT NOBODY VOUCHES FOR: whoever reaches it is root on this machine',
    {
      hosts,
    },
  );
}

/** Starts listening. A stale socket is replaced; one that answers is somebody's. */
export async function listen(
  server: Server,
  address: Address,
  group: Settings['group'],
  log: Log,
): Promise<void> {
  try {
    if (address.kind === 'tcp')
      return await bound(server, () => server.listen({ host: address.host, port: address.port }));
    mkdirSync(dirname(address.path), { recursive: true, mode: 0o755 });
    await removeStale(address.path);
    await boundPrivately(server, address.path);
    chownSync(address.path, 0, groupId(group, log));
    chmodSync(address.path, 0o660);
  } catch (cause) {
    throw invalid(`failed to load listeners: ${messageOf(cause)}`, { cause });
  }
}

/** Nobody may connect before the socket has its owner and mode. */
async function boundPrivately(server: Server, path: string): Promise<void> {
  const umask = process.umask(0o777);
  try {
    await bound(server, () => server.listen({ path }));
  } finally {
    process.umask(umask);
  }
}

function bound(server: Server, start: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.once('listening', () => {
    server.removeListener('error', reject);
    resolve();
  });
  start();
  return promise;
}

async function removeStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw conflict(`listen unix ${path}: the file is there and is no socket`);
  if (await answers(path)) throw conflict(`listen unix ${path}: bind: address already in use`);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

function groupId(group: Settings['group'], log: Log): number {
  if (/^\d+$/.test(group.name)) return Number(group.name);
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(`${group.name}:`));
  if (line !== undefined) return Number(line.split(':')[2]);
  if (group.required) throw invalid(`group ${group.name} not found`);
  log.debug('the socket stays with root: there is no such group', { group: group.name });
  return 0;
}
