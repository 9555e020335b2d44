import { readFileSync } from 'node:fs';
import { invalid } from '#base/errors.ts';
import { parseBytes } from './byte-size.ts';
import type { Flag, Given } from './command-line.ts';
import { type ListenAddress, parseListen } from './listen-address.ts';
import { parsePublicUrl } from './public-address.ts';

export const mirrorFlags: readonly Flag[] = [
  {
    name: 'mirror',
    kind: 'text',
    help: 'Keep what is pulled through here of this registry (https://registry-1.docker.io)',
  },
  { name: 'mirror-listen', kind: 'text', help: 'Address of the mirror', standard: '"127.0.0.1:5001"' },
  { name: 'mirror-username', kind: 'text', help: 'Name at the registry' },
  { name: 'mirror-password-file', kind: 'text', help: 'File with the password there' },
  { name: 'mirror-size', kind: 'text', help: 'Bytes that it keeps', standard: '"50GB"' },
  { name: 'mirror-age', kind: 'duration', help: 'How long it keeps what nobody asks for', standard: '720h' },
  { name: 'mirror-tag-age', kind: 'duration', help: 'How long it believes a tag', standard: '1m' },
];

export interface MirrorSettings {
  readonly upstream: string;
  readonly address: ListenAddress;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly maxBytes: number;
  readonly maxAgeSeconds: number;
  readonly tagAgeSeconds: number;
}

/** @throws {EngineError} `invalid` */
export function mirrorSettings(given: Given): MirrorSettings | undefined {
  const upstream = given.text('mirror');
  if (upstream === undefined) {
    const alone = mirrorFlags.find(({ name }) => given.has(name));
    if (alone !== undefined) throw invalid(`--${alone.name} goes with --mirror`);
    return undefined;
  }
  const [username, passwordFile] = [given.text('mirror-username'), given.text('mirror-password-file')];
  if ((username === undefined) !== (passwordFile === undefined))
    throw invalid('--mirror-username and --mirror-password-file go together');
  return {
    upstream: parsePublicUrl(upstream).origin,
    address: parseListen(given.text('mirror-listen') ?? '127.0.0.1:5001'),
    ...(username !== undefined && {
      credentials: { username, password: readFileSync(passwordFile!, 'utf8').replace(/\r?\n$/, '') },
    }),
    maxBytes: parseBytes(given.text('mirror-size') ?? '50GB'),
    maxAgeSeconds: given.seconds('mirror-age') ?? 720 * 3600,
    tagAgeSeconds: given.seconds('mirror-tag-age') ?? 60,
  };
}
