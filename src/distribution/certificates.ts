import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { invalid } from '#base/errors.ts';
import type { TlsSettings } from './transport.ts';

/**
 * The certificates for one host, from `<folder>/<host:port>/`: `*.crt` are authorities beside the system's, and
 * `client.cert` with `client.key` are shown to a registry that asks who we are.
 *
 * @throws {EngineError} `invalid` for a certificate without its key, as Docker
 */
export function tlsSettings(
  host: string,
  options: { readonly folders: readonly string[]; readonly insecure: boolean },
): TlsSettings {
  const found = options.folders
    .map((folder) => join(folder, host))
    .map((path) => ({ path, files: filesOf(path) }))
    .find(({ files }) => files.length > 0);
  const { path, files } = found ?? { path: '', files: [] };
  const own = files
    .filter((name) => name.endsWith('.crt'))
    .map((name) => readFileSync(join(path, name), 'utf8'));
  return {
    ca: [...systemAuthorities(), ...own],
    ...clientPair(path, files),
    rejectUnauthorized: !options.insecure,
  };
}

function clientPair(path: string, files: readonly string[]): { cert?: Buffer; key?: Buffer } {
  for (const cert of files.filter((name) => name.endsWith('.cert'))) {
    const key = `${cert.slice(0, -'.cert'.length)}.key`;
    if (!files.includes(key))
      throw invalid(
        `missing key ${key} for client certificate ${cert}. CA certificates must use the extension .crt`,
      );
    return { cert: readFileSync(join(path, cert)), key: readFileSync(join(path, key)) };
  }
  const key = files.find((name) => name.endsWith('.key'));
  if (key !== undefined) throw invalid(`missing client certificate ${key.slice(0, -4)}.cert for key ${key}`);
  return {};
}

function filesOf(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

let authorities: readonly string[] | undefined;

/** The machine's authorities; those of Node where the machine has none. */
function systemAuthorities(): readonly string[] {
  if (authorities === undefined) {
    const system = getCACertificates('system');
    authorities = system.length > 0 ? system : getCACertificates('bundled');
  }
  return authorities;
}
