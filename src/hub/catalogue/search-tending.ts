import { messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import type { SearchRecords } from '../records/index.ts';

const everySeconds = 30;
const betweenStepsMilliseconds = 20;

/**
 * Keeps searches fast while repositories are written: now and then, in steps between which requests are answered. It begins at
 * once, for much may have been written while nobody did.
 */
export class SearchTending implements AsyncDisposable {
  readonly #search: Pick<SearchRecords, 'tend'>;
  readonly #log: Log;
  #next: NodeJS.Timeout | undefined;
  #step: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(search: Pick<SearchRecords, 'tend'>, log: Log) {
    this.#search = search;
    this.#log = log;
    this.#after(betweenStepsMilliseconds);
  }

  /** The step that is being made is the last. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    clearTimeout(this.#next);
    await this.#step;
  }

  #after(milliseconds: number): void {
    if (this.#isDisposed) return;
    this.#next = setTimeout(() => {
      this.#step = this.#tend();
    }, milliseconds).unref();
  }

  async #tend(): Promise<void> {
    let isDone = true;
    try {
      isDone = !(await this.#search.tend());
    } catch (error) {
      this.#log.error('the search index is not merged', { error: messageOf(error) });
    }
    this.#after(isDone ? everySeconds * 1000 : betweenStepsMilliseconds);
  }
}
