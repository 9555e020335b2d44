import { messageOf } from '#base/errors.ts';
import type { LogLevel } from '#base/log.ts';
import { type Proxies, proxiesOf } from './client-address.ts';
import { dataFlag, directoryOf, UsageError } from './command.ts';
import type { Flag, Given } from './command-line.ts';
import { type ListenAddress, parseListen } from './listen-address.ts';
import { type MirrorSettings, mirrorFlags, mirrorSettings } from './mirror-settings.ts';
import { parsePublicUrl } from './public-address.ts';

export const serveFlags: readonly Flag[] = [
  dataFlag,
  { name: 'listen', kind: 'list', help: 'Address to listen on', standard: '"127.0.0.1:5000"' },
  { name: 'tls-cert', kind: 'text', help: 'Serve TLS with the certificate in this file' },
  { name: 'tls-key', kind: 'text', help: "The certificate's key" },
  {
    name: 'tls-self-signed',
    kind: 'switch',
    help: 'Serve TLS with a certificate made here, that clients are given',
  },
  {
    name: 'public-url',
    kind: 'text',
    help: 'Where clients find the Hub, when not by the name that they ask for',
  },
  { name: 'trusted-proxy', kind: 'list', help: 'Network of proxies whose X-Forwarded headers are believed' },
  {
    name: 'log-level',
    kind: 'text',
    help: 'Set the logging level ("debug"|"info"|"warn"|"error")',
    standard: '"info"',
  },
  { name: 'pidfile', kind: 'text', help: 'Write the process id into this file' },
  { name: 'shutdown-timeout', kind: 'duration', help: 'How long requests may take to end', standard: '30s' },
  ...mirrorFlags,
];

export type TlsChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'files'; readonly certificate: string; readonly key: string }
  | { readonly kind: 'own' };

export interface ServeSettings {
  readonly directory: string;
  readonly addresses: readonly ListenAddress[];
  readonly tls: TlsChoice;
  readonly publicUrl: URL | undefined;
  readonly proxies: Proxies;
  readonly logLevel: LogLevel;
  readonly pidFile: string | undefined;
  readonly shutdownSeconds: number;
  readonly mirror: MirrorSettings | undefined;
}

/** @throws {UsageError} */
export function serveSettings(given: Given): ServeSettings {
  try {
    const listen = given.list('listen');
    const publicUrl = given.text('public-url');
    return {
      directory: directoryOf(given),
      addresses: (listen.length === 0 ? ['127.0.0.1:5000'] : listen).map(parseListen),
      tls: tlsChoice(given),
      publicUrl: publicUrl === undefined ? undefined : parsePublicUrl(publicUrl),
      proxies: proxiesOf(given.list('trusted-proxy')),
      logLevel: logLevel(given.text('log-level') ?? 'info'),
      pidFile: given.text('pidfile'),
      shutdownSeconds: given.seconds('shutdown-timeout') ?? 30,
      mirror: mirrorSettings(given),
    };
  } catch (cause) {
    throw new UsageError(messageOf(cause), { cause });
  }
}

function tlsChoice(given: Given): TlsChoice {
  const [certificate, key] = [given.text('tls-cert'), given.text('tls-key')];
  const own = given.switched('tls-self-signed');
  if ((certificate === undefined) !== (key === undefined))
    throw new UsageError('--tls-cert and --tls-key go together');
  if (certificate === undefined || key === undefined) return { kind: own ? 'own' : 'none' };
  if (own)
    throw new UsageError('--tls-self-signed makes a certificate, --tls-cert has one: which shall it be?');
  return { kind: 'files', certificate, key };
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

function logLevel(text: string): LogLevel {
  const level = levels.find((name) => name === text);
  if (level === undefined) throw new UsageError(`invalid logging level: ${text}`);
  return level;
}
