/**
 * What was received and not yet read, between a socket that pushes and a reader that pulls.
 *
 * `full` and `drained` tell the socket when to pause and when to go on.
 */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  readonly #limit: number;
  readonly #drained: () => void;
  #size = 0;
  #ended = false;
  #failure: Error | undefined;
  #waiting: { resolve: (bytes: Uint8Array | undefined) => void; reject: (error: Error) => void } | undefined;

  constructor(options: { limit: number; drained: () => void }) {
    this.#limit = options.limit;
    this.#drained = options.drained;
  }

  get full(): boolean {
    return this.#size >= this.#limit;
  }

  push(bytes: Uint8Array): void {
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve(bytes);
      return;
    }
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  end(failure?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (failure === undefined) waiting.resolve(undefined);
    else waiting.reject(failure);
  }

  read(): Promise<Uint8Array | undefined> {
    const bytes = this.#chunks.shift();
    if (bytes !== undefined) {
      const wasFull = this.full;
      this.#size -= bytes.length;
      if (wasFull && !this.full) this.#drained();
      return Promise.resolve(bytes);
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
