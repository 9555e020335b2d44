import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import { invalid, messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import { replaceFile } from '#base/replace-file.ts';
import { hubPaths } from '../paths.ts';
import type { TlsPair } from './listener.ts';
import { selfSigned } from './self-signed.ts';

const validDays = 825;
const renewDays = 30;

/** A pair from files, held against each other. @throws {EngineError} `invalid` */
export function readPair(certificate: string, key: string): TlsPair {
  try {
    const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    throw invalid(`cannot use the certificate ${certificate} with the key ${key}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/**
 * The pair that the Hub made for itself; a new one where there is none, where it ends soon, or where it lacks a name.
 *
 * @param hosts names and addresses that clients come by, beside those of this machine
 */
export async function ownPair(directory: string, hosts: readonly string[], log: Log): Promise<TlsPair> {
  const { certificate, key } = hubPaths(directory);
  const names = namesFor(hosts);
  if (!isCurrent(certificate, key, names)) {
    const made = selfSigned({ names, from: new Date(Date.now() - 3600_000), days: validDays });
    await mkdir(dirname(key), { recursive: true, mode: 0o700 });
    // the key first: a certificate that is there has its key
    await replaceFile(key, made.key, { mode: 0o600 });
    await replaceFile(certificate, made.cert, { mode: 0o644 });
    log.warn('made a certificate that nobody vouches for: clients are to be given it', { certificate });
  }
  const pair = readPair(certificate, key);
  const { fingerprint256 } = new X509Certificate(pair.cert);
  log.info('certificate', { certificate, fingerprint: fingerprint256 });
  return pair;
}

function isCurrent(certificate: string, key: string, names: readonly string[]): boolean {
  if (!existsSync(certificate) || !existsSync(key)) return false;
  try {
    const read = new X509Certificate(readPair(certificate, key).cert);
    const endsSoon = read.validToDate.getTime() - Date.now() < renewDays * 86_400_000;
    return !endsSoon && names.every((name) => isNamed(read, name));
  } catch {
    // what does not hold together is made anew
    return false;
  }
}

const isNamed = (certificate: X509Certificate, name: string): boolean =>
  (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;

const namesFor = (hosts: readonly string[]): readonly string[] => {
  const own = ['localhost', hostname().toLowerCase(), '127.0.0.1', '::1'];
  const given = hosts.map((host) => host.replace(/^\[(.*)\]$/, '$1').toLowerCase());
  const valid = (name: string) => isIP(name) !== 0 || /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(name);
  return [...new Set([...own, ...given])].filter(
    (name) => valid(name) && name !== '0.0.0.0' && name !== '::',
  );
};
