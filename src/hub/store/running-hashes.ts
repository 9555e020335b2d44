import { createHash, type Hash } from 'node:crypto';

export type Algorithm = 'sha256' | 'sha512';

/** The hash of an upload's first `at` bytes. */
export interface RunningHash {
  readonly algorithm: Algorithm;
  readonly hash: Hash;
  readonly at: number;
}

/** Uploads whose hash is kept between two requests; of the others, the file is read again. A few hundred bytes each. */
const most = 4096;

/** Hashes of uploads that are not whole yet, so that nothing is read twice while the process lives. */
export class RunningHashes {
  readonly #byUpload = new Map<string, RunningHash>();

  /**
   * The hash of an upload's first `received` bytes, taken out: who adds bytes puts it back. Undefined when it is not known.
   *
   * @param algorithm for an upload that has none yet
   */
  take(id: string, received: number, algorithm: Algorithm): RunningHash | undefined {
    const kept = this.#byUpload.get(id);
    this.#byUpload.delete(id);
    if (received === 0) return { algorithm, hash: createHash(algorithm), at: 0 };
    return kept?.at === received ? kept : undefined;
  }

  put(id: string, running: RunningHash): void {
    this.#byUpload.delete(id);
    this.#byUpload.set(id, running);
    if (this.#byUpload.size > most) this.#byUpload.delete(this.#byUpload.keys().next().value!);
  }

  /** The digest's hexadecimal part, where it is known. */
  peek(id: string, received: number, algorithm: Algorithm): string | undefined {
    const kept = this.#byUpload.get(id);
    if (kept === undefined || kept.at !== received || kept.algorithm !== algorithm) return undefined;
    return kept.hash.copy().digest('hex');
  }

  drop(id: string): void {
    this.#byUpload.delete(id);
  }
}
