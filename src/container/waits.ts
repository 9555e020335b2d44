import type { ContainerWaitResponse } from '#api/index.ts';

/** Those who wait for a container's exits and its removal. */
export class Waits {
  readonly #exit = new Set<Waiter>();
  readonly #removal = new Set<Waiter>();

  /** Registers at once. Rejects with the signal's reason. */
  forExit(signal?: AbortSignal): Promise<ContainerWaitResponse> {
    return register(this.#exit, signal);
  }

  forRemoval(signal?: AbortSignal): Promise<ContainerWaitResponse> {
    return register(this.#removal, signal);
  }

  exited(exitCode: number): void {
    answer(this.#exit, { StatusCode: exitCode });
  }

  removed(exitCode: number): void {
    answer(this.#removal, { StatusCode: exitCode });
    // Who waits for the next exit of what is gone would wait for ever.
    answer(this.#exit, { StatusCode: exitCode });
  }

  removalFailed(exitCode: number, message: string): void {
    answer(this.#removal, { StatusCode: exitCode, Error: { Message: message } });
  }

  /** The engine closes: nobody will answer. */
  abandon(reason: unknown): void {
    for (const waiters of [this.#exit, this.#removal]) {
      for (const waiter of waiters) waiter.reject(reason);
      waiters.clear();
    }
  }
}

type Waiter = PromiseWithResolvers<ContainerWaitResponse>;

function register(waiters: Set<Waiter>, signal: AbortSignal | undefined): Promise<ContainerWaitResponse> {
  const waiter = Promise.withResolvers<ContainerWaitResponse>();
  waiters.add(waiter);
  if (signal === undefined) return waiter.promise;
  const onAbort = () => {
    waiters.delete(waiter);
    waiter.reject(signal.reason);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return waiter.promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function answer(waiters: Set<Waiter>, response: ContainerWaitResponse): void {
  const all = [...waiters];
  waiters.clear();
  for (const waiter of all) waiter.resolve(response);
}
