import { conflict } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import type { Database } from '#state/database.ts';

const leaseSeconds = 120;
/** The first is longer: while the records are copied, which may take minutes, nothing can be renewed. */
const firstLeaseSeconds = 3600;

export interface Hold extends Disposable {
  /** @throws {EngineError} `conflict` when the lease ran out unrenewed: blobs may have gone since */
  check(): void;
}

/**
 * Keeps every blob's file where it is while a backup reads them, whichever process deletes: a record that expires unless it
 * is renewed, so that a holder that is killed holds nothing up.
 */
export function hold(database: Database): Hold {
  const id = newId();
  database.run('INSERT INTO hold VALUES (?, ?)', id, inSeconds(firstLeaseSeconds));
  const isRenewed = () =>
    database.run(
      'UPDATE hold SET expires_at = ? WHERE id = ? AND expires_at > ?',
      ...[inSeconds(leaseSeconds), id, inSeconds(0)],
    ) > 0;
  const timer = setInterval(
    () => {
      try {
        isRenewed();
      } catch {
        // a busy database: there is time for the next
      }
    },
    (leaseSeconds * 1000) / 6,
  );
  timer.unref();
  return {
    check: () => {
      if (!isRenewed()) throw conflict('the backup stood still for too long: blobs may have gone meanwhile');
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      database.run('DELETE FROM hold WHERE id = ?', id);
    },
  };
}

/** Whether someone holds the blobs' files. Asked in the transaction that would let one go. */
export const isHeld = (database: Database): boolean =>
  database.get('SELECT 1 FROM hold WHERE expires_at > ? LIMIT 1', inSeconds(0)) !== undefined;

/** Records of holders that never came to end them. */
export const dropExpiredHolds = (database: Database): number =>
  database.run('DELETE FROM hold WHERE expires_at <= ?', inSeconds(0));

/** The machine's time, not the Hub's: holders are processes of their own. */
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
