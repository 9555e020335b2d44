import { defaultDirectory } from './config.ts';
import { bool, type FlagSet, list, text, type Values } from './flags.ts';
import { env } from './platform.ts';

const certificates = env['DOCKER_CERT_PATH'] || defaultDirectory();

/** The flags that stand before the command. */
export const globalFlags = {
  config: text('Location of client config files', { initial: defaultDirectory() }),
  context: text(
    'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")',
    { short: 'c' },
  ),
  debug: bool('Enable debug mode', { short: 'D' }),
  help: bool('Print usage', { short: 'h', hidden: true }),
  host: list('Daemon socket to connect to', { short: 'H' }),
  'log-level': text('Set the logging level ("debug", "info", "warn", "error", "fatal")', {
    short: 'l',
    initial: 'info',
  }),
  tls: bool('Use TLS; implied by --tlsverify'),
  tlscacert: text('Trust certs signed only by this CA', { initial: `${certificates}/ca.pem` }),
  tlscert: text('Path to TLS certificate file', { initial: `${certificates}/cert.pem` }),
  tlskey: text('Path to TLS key file', { initial: `${certificates}/key.pem` }),
  tlsverify: bool('Use TLS and verify the remote'),
  version: bool('Print version information and quit', { short: 'v' }),
} satisfies FlagSet;

export type GlobalFlags = Values<typeof globalFlags>;
