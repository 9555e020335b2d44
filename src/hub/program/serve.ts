import { writeSync } from 'node:fs';
import type { Server } from 'node:http';
import { flushCompileCache } from 'node:module';
import type { Server as TlsServer } from 'node:tls';
import { endingSignal, surviveDefects } from '#base/ending.ts';
import { messageOf } from '#base/errors.ts';
import { createLog, type Log } from '#base/log.ts';
import { type Hub, openHub } from '../hub.ts';
import { say } from './command.ts';
import { end } from './ending.ts';
import { type ListenAddress, listenOn, shownListen } from './listen-address.ts';
import type { TlsPair } from './listener.ts';
import { writePidFile } from './pid-file.ts';
import { openMirror } from './serve-mirror.ts';
import type { ServeSettings } from './serve-settings.ts';
import { ownPair, readPair } from './tls-files.ts';
import { hubVersion } from './version.ts';

/** Serves a Hub until a signal ends it. SIGHUP has the certificate read anew. @throws {EngineError} when it cannot begin */
export async function serve(settings: ServeSettings): Promise<void> {
  const log = createLog({ level: settings.logLevel, write: toStandardError });
  surviveDefects((fields) => log.error('defect in this program', fields));
  const ending = endingSignal(['SIGTERM', 'SIGINT']);
  const tls = await pairFor(settings, log);
  await using held = new AsyncDisposableStack();
  const hub = await openHub({
    ...{ directory: settings.directory, log },
    ...{ publicUrl: settings.publicUrl, proxies: settings.proxies },
  });
  held.use(hub);
  if (settings.pidFile !== undefined) held.use(writePidFile(settings.pidFile));
  const { mirror } = settings;
  const mirrorServer = mirror && (await openMirror(hub, mirror, { settings, log, held }));
  const servers: Server[] = [];
  held.defer(async () => {
    if (!(await end(servers, settings.shutdownSeconds * 1000))) log.warn('requests were cut at the end');
  });
  const listen = async (server: Server, address: ListenAddress, scheme: string) => {
    servers.push(server);
    const { address: host, port } = await listenOn(server, address);
    return `${scheme}://${shownListen({ host, port })}`;
  };
  const shown: string[] = [];
  for (const address of settings.addresses)
    shown.push(await listen(hub.createServer(tls), address, tls === undefined ? 'http' : 'https'));
  log.info('listening', { addresses: shown, pid: process.pid });
  if (mirror !== undefined && mirrorServer !== undefined)
    log.info('mirroring', {
      upstream: mirror.upstream,
      address: await listen(mirrorServer, mirror.address, 'http'),
    });
  reloadOnHangUp(servers, settings, log);
  await greet(hub, settings, shown);
  flushCompileCache();
  log.info('ending', { signal: await ending });
}

/** What one who starts it wants to know next. */
async function greet(hub: Hub, { directory }: ServeSettings, shown: readonly string[]): Promise<void> {
  const first = (await hub.accounts.users.hasAdministrator())
    ? ''
    : 'There is no administrator yet. Make the first one:\n' +
      `  printf %s 'A LONG PASSWORD' | hoist-hub user add NAME --admin --password-stdin --data ${directory}\n`;
  say(`Hoist Hub ${hubVersion}: ${shown.join(' ')}\n${first}`);
}

async function pairFor(
  { tls, directory, addresses, publicUrl }: ServeSettings,
  log: Log,
): Promise<TlsPair | undefined> {
  if (tls.kind === 'none') return undefined;
  if (tls.kind === 'files') return readPair(tls.certificate, tls.key);
  const hosts = [...addresses.map(({ host }) => host ?? ''), publicUrl?.hostname ?? ''];
  return ownPair(directory, hosts.filter(Boolean), log);
}

/** Connections that are open keep what they have; one that cannot be read leaves all as it is. */
function reloadOnHangUp(servers: readonly Server[], settings: ServeSettings, log: Log): void {
  process.on('SIGHUP', () => {
    pairFor(settings, log).then(
      (pair) => {
        if (pair === undefined) return;
        for (const server of servers)
          if ('setSecureContext' in server)
            (server as unknown as TlsServer).setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
        log.info('read the certificate anew');
      },
      (error: unknown) => log.error('the certificate stays', { error: messageOf(error) }),
    );
  });
}

function toStandardError(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // a full disk, or a reader that is gone: what is served goes on without a log
  }
}
