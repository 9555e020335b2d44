import { invalid } from '#base/errors.ts';
import type { Connect } from './connection.ts';
import { Daemon, type DaemonOptions } from './daemon.ts';
import { unreachable } from './daemon-error.ts';
import { connectProgram, connectTcp, connectTls, connectUnix, type TlsFiles } from './node-connect.ts';

/**
 * A client of the daemon at `unix:///path`, `tcp://host:port` (with `tls`: mutual TLS) or `ssh://user@host`.
 *
 * Nothing is sent until the first call.
 */
export function connect(
  host: string,
  options: Omit<DaemonOptions, 'connect'> & { tls?: TlsFiles } = {},
): Daemon {
  const { tls, ...rest } = options;
  const open = opener(host, tls);
  return new Daemon({
    ...rest,
    connect: () => open().catch((cause: unknown) => Promise.reject(unreachable(host, cause))),
  });
}

function opener(host: string, tls: TlsFiles | undefined): Connect {
  if (host.startsWith('unix://')) return () => connectUnix(host.slice('unix://'.length));
  const url = new URL(host);
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || (tls === undefined ? 2375 : 2376));
  switch (url.protocol) {
    case 'tcp:':
      return () => (tls === undefined ? connectTcp(name, port) : connectTls(name, port, tls));
    case 'ssh:': {
      const user = url.username === '' ? [] : ['-l', url.username];
      const args = [...user, ...(url.port === '' ? [] : ['-p', url.port]), '-T', '--', name];
      return () => connectProgram('ssh', [...args, 'hoist', 'system', 'dial-stdio']);
    }
    default:
      throw invalid(`invalid daemon address: ${host}`);
  }
}
