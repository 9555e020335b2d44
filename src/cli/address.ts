import type { Connect } from '#client/connection.ts';
import { Daemon } from '#client/daemon.ts';
import { unreachable } from '#client/daemon-error.ts';
import { Failure } from './command.ts';
import type { Config } from './config.ts';
import type { GlobalFlags } from './global-flags.ts';
import * as platform from './platform.ts';

/** Where hoistd listens when nobody says otherwise. */
export const defaultHost = 'unix:///run/hoist/hoist.sock';

/** How a daemon is reached: by `-H`, a context, `HOIST_HOST` or `DOCKER_HOST`, else the default socket. */
export function openDaemon(
  globals: GlobalFlags,
  config: Config,
): { daemon: Daemon; host: string; connect: Connect } {
  const host = chooseHost(globals, config);
  const open = connectTo(host, globals);
  const connect = () => open().catch((cause: unknown) => Promise.reject(explain(host, cause)));
  const daemon = new Daemon({
    connect,
    explain: (cause) => explain(host, cause),
    headers: { 'User-Agent': `hoist-cli (${platform.platformName()})`, ...customHeaders(config) },
    ...(platform.env['DOCKER_API_VERSION'] && {
      version: platform.env['DOCKER_API_VERSION'].replace(/^v/, ''),
    }),
  });
  return { daemon, host, connect };
}

/** A header of the configuration file may not change who we say we are. */
function customHeaders(config: Config): Record<string, string> {
  const headers = { ...config.file.HttpHeaders };
  for (const name of Object.keys(headers)) if (name.toLowerCase() === 'user-agent') delete headers[name];
  return headers;
}

export function chooseHost(globals: Pick<GlobalFlags, 'host' | 'context'>, config: Config): string {
  const { host: hosts, context } = globals;
  if (hosts.length > 1)
    throw new Failure('Failed to initialize: unable to resolve docker endpoint: Specify only one -H');
  if (hosts.length === 1 && context !== '') {
    throw new Failure('Failed to initialize: conflicting options: cannot specify both --host and --context');
  }
  if (hosts[0] !== undefined) return normalizeHost(hosts[0]);
  if (context !== '') return contextHost(context, config);
  const fromEnvironment = platform.env['HOIST_HOST'] || platform.env['DOCKER_HOST'];
  if (fromEnvironment) return normalizeHost(fromEnvironment);
  return contextHost(platform.env['DOCKER_CONTEXT'] || 'default', config);
}

/** The address of a context: `default` is ours, others are as `docker context create` stored them. */
function contextHost(name: string, config: Config): string {
  if (name === 'default') return defaultHost;
  const stored = platform.findText(`${config.directory}/contexts/meta/${platform.sha256Hex(name)}/meta.json`);
  if (stored === undefined) {
    throw new Failure(
      `Failed to initialize: unable to resolve docker endpoint: context "${name}": context not found`,
    );
  }
  const meta = JSON.parse(stored) as { Endpoints?: { docker?: { Host?: string } } };
  return normalizeHost(meta.Endpoints?.docker?.Host ?? defaultHost);
}

/** Completes what a person may leave out: `:2375`, `host`, `host:port`, `unix://`. */
export function normalizeHost(text: string): string {
  const host = text.trim();
  if (host === '' || host === 'unix://') return defaultHost;
  if (/^(unix|ssh):\/\/./.test(host)) return host;
  const address = /^(?:(tcp|http|https):\/\/)?([^/]*)(\/.*)?$/.exec(host);
  if (address === null || /^[a-z]+:\/\//.test(host) !== (address[1] !== undefined)) {
    throw new Failure(
      `Failed to initialize: unable to resolve docker endpoint: invalid bind address format: ${host}`,
    );
  }
  const [, , authority = ''] = address;
  const named = authority.startsWith(':') || authority === '' ? `127.0.0.1${authority}` : authority;
  return `tcp://${/:\d+$/.test(named) ? named : `${named}:2375`}`;
}

function connectTo(host: string, globals: GlobalFlags): Connect {
  if (host.startsWith('unix://')) return platform.unixConnect(host.slice('unix://'.length));
  if (host.startsWith('ssh://')) return sshConnect(host);
  const [, name = '', port = ''] = /^tcp:\/\/\[?(.*?)\]?:(\d+)$/.exec(host) ?? [];
  const files = tlsFiles(globals);
  return async () => {
    const client = await import('#client/node-connect.ts');
    return files === undefined
      ? client.connectTcp(name, Number(port))
      : client.connectTls(name, Number(port), files);
  };
}

function tlsFiles(globals: GlobalFlags) {
  const verify = globals.tlsverify || Boolean(platform.env['DOCKER_TLS_VERIFY']);
  if (!verify && !globals.tls) return undefined;
  const given = (path: string) => {
    const pem = platform.findText(path);
    if (pem !== undefined) return pem;
    if (path === globals.tlscacert && !verify) return undefined;
    const problem = `open ${path}: no such file or directory`;
    throw new Failure(`Failed to initialize: unable to resolve docker endpoint: ${problem}`);
  };
  const ca = given(globals.tlscacert);
  const cert = platform.findText(globals.tlscert);
  const key = platform.findText(globals.tlskey);
  return { verify, ...(ca && { ca }), ...(cert && key && { cert, key }) };
}

/** `ssh://[user@]host[:port][/path of the socket there]` */
function sshConnect(url: string): Connect {
  const found = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]]*\]|[^:/]+)(?::(\d+))?(\/.*)?$/.exec(url);
  if (found === null)
    throw new Failure(`Failed to initialize: unable to resolve docker endpoint: invalid ssh address: ${url}`);
  const [, user = '', host = '', port = '', path = '/'] = found;
  const args = ['-o', 'ConnectTimeout=30', '-T'];
  if (user !== '') args.push('-l', decodeURIComponent(user));
  if (port !== '') args.push('-p', port);
  args.push('--', host.replace(/^\[(.*)\]$/, '$1'), 'hoist');
  if (path !== '/') args.push('--host', `unix://${path}`);
  args.push('system', 'dial-stdio');
  return async () => (await import('#client/node-connect.ts')).connectProgram('ssh', args);
}

function explain(host: string, cause: unknown): Error {
  const { code, message } = cause as { code?: string; message: string };
  if (code === 'EACCES' || code === 'EPERM') {
    return unreachable(host, cause, 'permission denied: run as root or join the group that owns the socket');
  }
  if (/certificate|TLS|SSL|alert|CERT/.test(`${code} ${message}`)) return unreachable(host, cause, message);
  // ssh has its own reasons
  if (/ended with exit status/.test(message)) return unreachable(host, cause, message);
  return unreachable(host, cause);
}
