import { invalid, messageOf } from '#base/errors.ts';
import type { Records } from '../index.ts';
import { openSqliteRecords } from './index.ts';
import { versionOf } from './version.ts';

/** The records in a file that came from elsewhere, brought up to this program's version. @throws {EngineError} `invalid` */
export async function openSqliteSnapshot(path: string): Promise<Records> {
  try {
    // what is empty would be opened as new records
    if (versionOf(path) === 0) throw invalid('there are none');
    await using held = new AsyncDisposableStack();
    const records = held.use(openSqliteRecords(path));
    const { integrity_check: verdict } = records.database.get<{ integrity_check: string }>(
      'PRAGMA integrity_check(1)',
    )!;
    if (verdict !== 'ok') throw invalid(verdict);
    held.move();
    return records;
  } catch (cause) {
    throw invalid(`the backup's records are damaged: ${messageOf(cause)}`, { cause });
  }
}
