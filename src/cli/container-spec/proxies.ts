import type { ConfigFile } from '../config.ts';

const proxyVariables: readonly [string, string][] = [
  ['httpProxy', 'HTTP_PROXY'],
  ['httpsProxy', 'HTTPS_PROXY'],
  ['ftpProxy', 'FTP_PROXY'],
  ['noProxy', 'NO_PROXY'],
  ['allProxy', 'ALL_PROXY'],
];

/** The proxies that the configuration file has for this daemon, each name in both cases. */
export function proxyEnv(configFile: ConfigFile, host: string): string[] {
  const proxies = configFile.proxies?.[host] ?? configFile.proxies?.['default'];
  if (proxies === undefined) return [];
  return proxyVariables.flatMap(([key, name]) => {
    const proxy = proxies[key];
    return proxy === undefined ? [] : [`${name}=${proxy}`, `${name.toLowerCase()}=${proxy}`];
  });
}
