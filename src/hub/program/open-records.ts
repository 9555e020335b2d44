import { existsSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict, EngineError } from '#base/errors.ts';
import { createLog, type Log } from '#base/log.ts';
import { hubPaths } from '../paths.ts';
import { openSqliteRecords, type SqliteRecords } from '../records/sqlite/index.ts';
import { areCurrent } from '../records/sqlite/version.ts';
import { type HubRooms, hubRooms } from '../rooms.ts';
import { tryLock } from './directory-lock.ts';

/** What a command works with. */
export interface OpenedHub extends AsyncDisposable {
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
): Promise<OpenedHub> {
  checkUsable(directory, options.create === true);
  const records = await migrated(directory);
  return {
    rooms: hubRooms(records, { log: commandLog }),
    [Symbol.asyncDispose]: () => records[Symbol.asyncDispose](),
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
async function migrated(directory: string): Promise<SqliteRecords> {
  const { database } = hubPaths(directory);
  const until = performance.now() + 10_000;
  while (performance.now() < until) {
    if (areCurrent(database)) return openSqliteRecords(database);
    using lock = tryLock(directory);
    if (lock !== undefined) return openSqliteRecords(database);
    await sleep(50);
  }
  throw conflict(`the program that is at work in ${directory} is of another version than this one`);
}
