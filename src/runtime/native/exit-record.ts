import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '#base/replace-file.ts';
import { dateOf } from './messages.ts';

/**
 * `<directory>/exit`, written by the shim before it tells anybody: `<exit code> <signal or 0> <unix nanoseconds>
 * <log bytes that could not be written>`.
 */
export interface ExitRecord {
  readonly exitCode: number;
  readonly signal: number;
  readonly exitedAt: Date;
  readonly lostLogBytes: number;
}

/** What a task left. `undefined` when it has not ended, or its shim was killed. */
export function findExitRecord(directory: string): ExitRecord | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, 'exit'), 'utf8');
  } catch {
    return undefined;
  }
  const [exitCode = '', signal = '', nanoseconds = '', lost = ''] = text.trim().split(' ');
  return {
    exitCode: Number(exitCode),
    signal: Number(signal),
    exitedAt: dateOf(BigInt(nanoseconds)),
    lostLogBytes: Number(lost),
  };
}

/** When the task was let go: `<directory>/started` has the unix nanoseconds. `undefined` when it never was. */
export function findStart(directory: string): Date | undefined {
  try {
    return dateOf(BigInt(readFileSync(join(directory, 'started'), 'utf8').trim()));
  } catch {
    return undefined;
  }
}

const SIGKILL = 9;

/** Records what is known of a task whose shim was killed: it went with its keeper, by SIGKILL. */
export async function recordLostExit(directory: string, now: Date): Promise<ExitRecord> {
  const record = { exitCode: 128 + SIGKILL, signal: SIGKILL, exitedAt: now, lostLogBytes: 0 };
  await replaceFile(
    join(directory, 'exit'),
    `${record.exitCode} ${SIGKILL} ${BigInt(now.getTime()) * 1_000_000n} 0\n`,
  );
  return record;
}
