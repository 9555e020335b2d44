import { existsSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict, EngineError } from '#base/errors.ts';
import { createLog, type Log } from '#base/log.ts';
import type { Database } from '#state/database.ts';
import { openDatabase } from '../data/index.ts';
import { hubPaths } from '../paths.ts';
import { hubMigrations } from '../records/sqlite/schema.ts';
import { type HubRooms, hubRooms } from '../rooms.ts';
import { tryLock } from './directory-lock.ts';

export interface Records extends Disposable {
  readonly rooms: HubRooms;
}

/** Of a command: what is worth a warning goes to standard error. */
export const commandLog: Log = createLog({ level: 'warn', write: (line) => void writeSync(2, line) });

/**
 * The records of the Hub in a directory, for a command that works beside the program that serves it, or with none there.
 *
 * @param options.create makes a Hub where there is none
 * @throws {EngineError} `notFound`, `conflict`
 */
export async function openRecords(
  directory: string,
  options: { readonly create?: boolean } = {},
): Promise<Records> {
  checkUsable(directory, options.create === true);
  const database = await migrated(directory);
  return {
    rooms: hubRooms(database, { log: commandLog }),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

/** @throws {EngineError} */
export function checkUsable(directory: string, mayBeNew = false): void {
  const paths = hubPaths(directory);
  if (existsSync(paths.unfinished))
    throw conflict(`a restore into ${directory} was not finished: run it again`);
  if (!mayBeNew && !existsSync(paths.database))
    throw new EngineError('notFound', `there is no Hub in ${directory}`);
}

/** One program at a time brings the records up to its version; who finds it at that waits. */
async function migrated(directory: string): Promise<Database> {
  const { database } = hubPaths(directory);
  const until = performance.now() + 10_000;
  while (performance.now() < until) {
    if (versionOf(database) === hubMigrations.length) return openDatabase(database);
    using lock = tryLock(directory);
    if (lock !== undefined) return openDatabase(database);
    await sleep(50);
  }
  throw conflict(`the program that is at work in ${directory} is of another version than this one`);
}

/** How far the records are; undefined while they are not there. */
function versionOf(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const sqlite = new DatabaseSync(path, { readOnly: true });
  try {
    sqlite.exec('PRAGMA busy_timeout = 5000');
    return (sqlite.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
  } finally {
    sqlite.close();
  }
}
