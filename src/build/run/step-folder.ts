import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#base/errors.ts';
import { detachPlaces } from './mounts/step-mounts.ts';
import type { StepRooms } from './rooms.ts';

/**
 * What a step will have, written down before any of it exists: whatever kills this program, the next one finds what to
 * take away. The folder goes last.
 */
export interface StepRecord {
  readonly cgroupPath: string;
  /** Of the root, and of what is mounted over something writable. */
  readonly snapshots: readonly string[];
}

const recordName = 'record.json';
/** In the folder: where something is mounted for a moment. */
export const placesName = 'places';

export function makeStepFolder(folder: string, record: StepRecord): void {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  writeFileSync(join(folder, recordName), JSON.stringify(record), { mode: 0o600 });
}

/** Takes a step's folder away, and before that whatever is still mounted in it. */
export function removeStepFolder(folder: string): void {
  detachPlaces(join(folder, placesName));
  rmSync(folder, { recursive: true, force: true }); // a handful of files
}

/** Removes what steps of a program that was killed left. */
export async function recoverSteps(rooms: StepRooms): Promise<void> {
  const ids = await readdir(rooms.paths.buildSteps).catch((): string[] => []);
  for (const id of ids) {
    try {
      await recoverStep(id, rooms);
    } catch (error) {
      rooms.log.error('cannot remove what is left of a step', { id, error: messageOf(error) });
    }
  }
}

async function recoverStep(id: string, { paths, runtime, networks, snapshotter }: StepRooms): Promise<void> {
  const folder = paths.buildStep(id);
  const record = readRecord(folder);
  if (record !== undefined) {
    const task = await runtime.restore(id, paths.task(id), record.cgroupPath);
    await task?.remove();
    await networks.release(id);
    for (const key of record.snapshots) await snapshotter.remove(key);
  }
  removeStepFolder(folder);
}

/** undefined: killed before it was whole, and so before there was anything. */
function readRecord(folder: string): StepRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, recordName), 'utf8')) as StepRecord;
  } catch {
    return undefined;
  }
}
