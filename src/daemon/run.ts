import type { Server } from 'node:http';
import { flushCompileCache } from 'node:module';
import { endingSignal, surviveDefects } from '#base/ending.ts';
import { messageOf } from '#base/errors.ts';
import { type Engine, openEngine } from '#engine/index.ts';
import { createHttpServer, type Ending, endingOf, type TlsFiles } from '#server/index.ts';
import { shownAddress } from './address.ts';
import type { Given } from './command-line.ts';
import { readConfigFile } from './config-file.ts';
import { checkTcp, listen, readTls } from './listeners.ts';
import { type DaemonLog, openDaemonLog } from './log.ts';
import { writePidFile } from './pid-file.ts';
import { type Settings, settingsFrom } from './settings.ts';

export const defaultConfigFile = '/etc/hoist/daemon.json';

/** What flags and file say together, and the file's keys that mean nothing here. */
export function readSettings(given: Given): {
  readonly settings: Settings;
  readonly withoutEffect: readonly string[];
} {
  const path = (given.get('config-file') as string | undefined) ?? defaultConfigFile;
  const file = readConfigFile(path, given, given.has('config-file'));
  return { settings: settingsFrom(given, file), withoutEffect: file.withoutEffect };
}

/**
 * Runs the daemon until a signal ends it.
 *
 * @param onStarted is called once it serves
 */
export async function runDaemon(given: Given, onStarted: () => void = () => undefined): Promise<void> {
  const { settings, withoutEffect } = readSettings(given);
  const log = openDaemonLog(settings.logLevel);
  for (const key of withoutEffect) log.warn('this key of the configuration file has no effect here', { key });
  checkTcp(settings, log);
  const tls = settings.tls && readTls(settings.tls);
  surviveDefects((fields) => log.error('Defect in this program', fields));
  const ending = endingSignal(['SIGTERM', 'SIGINT', 'SIGQUIT']);
  await using held = new AsyncDisposableStack();
  held.use(writePidFile(settings.pidFile));
  const endings: Ending[] = [];
  held.defer(async () => void (await Promise.all(endings.map((ending) => ending.cut()))));
  // While containers stop, who is attached to them sees their end.
  const engine = await openEngine({ ...settings.engine, log });
  held.defer(() => engine.close());
  held.defer(() => {
    for (const ending of endings) ending.stopListening();
  });
  for await (const server of serve(engine, settings, tls, log)) endings.push(endingOf(server));
  process.on('SIGHUP', () => reload(engine, given, log));
  onStarted();
  flushCompileCache();
  log.info('Daemon has completed initialization', { pid: process.pid });
  log.info('Processing signal', { signal: await ending });
}

/** A server to each address, listening. */
async function* serve(
  engine: Engine,
  settings: Settings,
  tls: TlsFiles | undefined,
  log: DaemonLog,
): AsyncGenerator<Server> {
  for (const address of settings.addresses) {
    const server = createHttpServer(engine, address.kind === 'tcp' && tls ? { tls } : {});
    await listen(server, address, settings.group, log);
    log.info('API listen on', { address: shownAddress(address) });
    yield server;
  }
}

/** SIGHUP: reads the configuration file again and takes what may change meanwhile. */
function reload(engine: Engine, given: Given, log: DaemonLog): void {
  try {
    const { settings } = readSettings(given);
    log.setLevel(settings.logLevel);
    engine.reload(settings.engine);
    log.info('Reloaded configuration');
  } catch (error) {
    log.error('Cannot reload the configuration', { error: messageOf(error) });
  }
}
