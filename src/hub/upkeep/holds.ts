import { newId } from '#base/id.ts';
import type { Database } from '#state/database.ts';

const leaseSeconds = 120;

/**
 * Keeps every blob's file where it is while a backup reads them, whichever process deletes: a record that expires unless it
 * is renewed, so that a holder that is killed holds nothing up.
 */
export function hold(database: Database): Disposable {
  const id = newId();
  const renew = () => database.run('INSERT OR REPLACE INTO hold VALUES (?, ?)', id, inSeconds(leaseSeconds));
  renew();
  const timer = setInterval(renew, (leaseSeconds * 1000) / 6);
  timer.unref();
  return {
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
