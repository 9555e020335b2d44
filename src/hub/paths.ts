import { join } from 'node:path';

/**
 * Every file beneath the Hub's directory (0700):
 *
 *     hub.db, hub.db-wal, …     records
 *     blobs/, uploads/          bytes; drawn in store/directory.ts
 *     mirror/                   what the pull-through cache has, records and bytes
 *     tls/                      the pair that is made on request
 *     lock.db                   held by the one program that serves, collects or restores here
 *     control.sock              where that program hears the other commands
 *     backup-<id>.db            records of a backup under way
 *     restore-unfinished        there while a restore is not whole: nothing is served
 */
export const hubPaths = (directory: string) => ({
  database: join(directory, 'hub.db'),
  mirror: join(directory, 'mirror'),
  certificate: join(directory, 'tls', 'certificate.pem'),
  key: join(directory, 'tls', 'key.pem'),
  lock: join(directory, 'lock.db'),
  controlName: 'control.sock',
  unfinished: join(directory, 'restore-unfinished'),
  snapshot: (id: string) => join(directory, `backup-${id}.db`),
});

export const isSnapshot = (name: string): boolean => /^backup-[a-f0-9]+\.db(-wal|-shm|-journal)?$/.test(name);
