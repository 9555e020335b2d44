import type { AuthConfig } from '#api/index.ts';
import type { ConfigFile } from '../config.ts';
import { findCredentials, hubServer } from '../registry/credentials.ts';

/**
 * The credentials that a build may need, by registry, in the form of `X-Registry-Config`: those of registries that the
 * texts mention, and of Docker Hub, which needs no mention. A helper is a program to be run: not for what no one asks.
 *
 * @param texts the Dockerfile, build arguments, tags; undefined when the Dockerfile is not known here: then all
 */
export function registryLogins(
  file: ConfigFile,
  texts: readonly string[] | undefined,
): Record<string, AuthConfig> {
  const logins: Record<string, AuthConfig> = {};
  for (const server of servers(file, texts)) {
    try {
      const found = findCredentials(file, server);
      if (found !== undefined && (found.username || found.identitytoken || found.registrytoken))
        logins[server] = found;
    } catch {
      // a helper that fails leaves us without credentials: the registry may want none, and says so if it does
    }
  }
  return logins;
}

function servers(file: ConfigFile, texts: readonly string[] | undefined): ReadonlySet<string> {
  const named = [...Object.keys(file.auths ?? {}), ...Object.keys(file.credHelpers ?? {})];
  const hostOf = (server: string) => server.replace(/^https?:\/\//, '').split('/')[0]!;
  const wanted = named.filter(
    (server) => texts === undefined || texts.some((text) => text.includes(hostOf(server))),
  );
  const all = new Set(wanted);
  if (file.credsStore || named.includes(hubServer)) all.add(hubServer);
  if (file.credsStore && texts !== undefined) for (const domain of domainsIn(texts)) all.add(domain);
  return all;
}

/** What in these texts may be a registry: a store of all credentials has no cheap list of its own. */
function domainsIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    [
      ...text.matchAll(
        /(?:^|[\s=,/'"])((?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?|localhost(?::\d+)?|[a-z0-9-]+:\d+)\/[\w./-]+/gi,
      ),
    ].map(([, domain]) => domain!),
  );
}
