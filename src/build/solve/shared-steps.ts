import type { Digest } from '#oci/digest.ts';
import type { StepRecord } from '../cache/step-cache.ts';

export interface Output {
  readonly stream: 1 | 2;
  readonly bytes: Buffer;
}

/** How much of a running step's output is kept for those who join it. */
const keptBytes = 1 << 20;

class RunningStep {
  readonly #abort = new AbortController();
  readonly #listeners = new Set<(output: Output) => void>();
  #told: Output[] = [];
  #toldBytes = 0;
  #waiting = 0;
  readonly #result: Promise<StepRecord>;

  constructor(work: Work) {
    this.#result = work((output) => this.#tell(output), this.#abort.signal);
    this.#result.catch(() => undefined); // told to each who waits
  }

  get aborted(): boolean {
    return this.#abort.signal.aborted;
  }

  #tell(output: Output): void {
    this.#told.push(output);
    this.#toldBytes += output.bytes.length;
    while (this.#toldBytes > keptBytes) this.#toldBytes -= this.#told.shift()!.bytes.length;
    for (const listener of this.#listeners) listener(output);
  }

  /** Waits for the step, and hears what it prints from its beginning. When nobody waits any more it is ended. */
  async join(listener: (output: Output) => void, signal: AbortSignal): Promise<StepRecord> {
    signal.throwIfAborted();
    for (const output of this.#told) listener(output);
    this.#listeners.add(listener);
    this.#waiting += 1;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([this.#result, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#listeners.delete(listener);
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#abort.abort(signal.reason);
      // whoever is cancelled may believe that nothing of his runs any more
      if (this.#waiting === 0) await this.#result.catch(() => undefined);
    }
  }
}

type Work = (tell: (output: Output) => void, signal: AbortSignal) => Promise<StepRecord>;

/** Steps under way, by key: builds that need the same step at the same time run it once. */
export class SharedSteps {
  readonly #running = new Map<Digest, RunningStep>();

  /** @param options.signal ends the waiting of this build; the step itself goes on while another waits */
  async run(
    key: Digest,
    work: Work,
    options: { readonly listener: (output: Output) => void; readonly signal: AbortSignal },
  ): Promise<StepRecord> {
    let step = this.#running.get(key);
    if (step === undefined || step.aborted) {
      const mine = new RunningStep(async (tell, signal) => {
        try {
          return await work(tell, signal);
        } finally {
          if (this.#running.get(key) === mine) this.#running.delete(key);
        }
      });
      step = mine;
      this.#running.set(key, mine);
    }
    return step.join(options.listener, options.signal);
  }

  /** Whether a step with this key runs now. */
  has(key: Digest): boolean {
    return this.#running.has(key);
  }
}
