import { conflict } from '#base/errors.ts';
import type { HoldRecords } from '../records/index.ts';

const leaseSeconds = 120;
/** The first is longer: while the records are copied, which may take minutes, nothing can be renewed. */
const firstLeaseSeconds = 3600;

export interface Hold extends AsyncDisposable {
  /** @throws {EngineError} `conflict` when the lease ran out unrenewed: blobs may have gone since */
  check(): Promise<void>;
}

/**
 * Keeps every blob's file where it is while a backup reads them, whichever process deletes: a record that expires unless it
 * is renewed, so that a holder that is killed holds nothing up.
 */
export async function hold(holds: HoldRecords): Promise<Hold> {
  const id = await holds.take(firstLeaseSeconds);
  const timer = setInterval(
    () => {
      // busy records: there is time for the next
      holds.renew(id, leaseSeconds).catch(() => {});
    },
    (leaseSeconds * 1000) / 6,
  );
  timer.unref();
  return {
    check: async () => {
      if (!(await holds.renew(id, leaseSeconds)))
        throw conflict('the backup stood still for too long: blobs may have gone meanwhile');
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await holds.release(id);
    },
  };
}
