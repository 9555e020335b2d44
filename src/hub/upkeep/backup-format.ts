import { integer, object, type Static, string } from '#api/schema.ts';
import { type Digest, hexOf, isDigest } from '#oci/digest.ts';

/**
 * A backup is a tar, its members in this order:
 *
 *     hub.json                     BackupHead
 *     hub.db                       the records, as they were at one moment
 *     blobs/<algorithm>/<hex>      every blob that the records name and the store has, by digest
 */
export const headName = 'hub.json';
export const databaseName = 'hub.db';

export type BackupHead = Static<typeof BackupHead>;
export const BackupHead = object({
  format: integer,
  /** Of the program that wrote it. */
  version: string,
  createdAt: string,
  blobs: integer,
  bytes: integer,
});

export const backupFormat = 1;

export const memberName = (digest: Digest): string =>
  `blobs/${digest.slice(0, digest.indexOf(':'))}/${hexOf(digest)}`;

/** Undefined for a name that is no blob's. */
export function digestOfMember(name: string): Digest | undefined {
  const [folder, algorithm, hex, ...rest] = name.split('/');
  const digest = `${algorithm}:${hex}`;
  return folder === 'blobs' && rest.length === 0 && isDigest(digest) ? digest : undefined;
}
