import type { EventMessage } from '#api/index.ts';
import { type EventFilter, matches } from './match.ts';

/** What a room tells: the feed adds scope and time. */
export interface NewEvent {
  readonly type: EventMessage['Type'];
  readonly action: string;
  readonly id: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Told only to those whose filter names the action, and not remembered: no event that Docker's clients know. */
  readonly aside?: boolean;
}

export interface Subscription {
  readonly filter?: EventFilter;
  /** Replay from this time on, of what the feed remembers; milliseconds since 1970. */
  readonly since?: number;
  /** End once this time has come; at once when it is past. */
  readonly until?: number;
  readonly signal?: AbortSignal;
}

/**
 * What happens in the engine, told to whoever listens. The last `remembered` events are kept for replay.
 *
 * A reader that is `patience` events behind is dropped (its iteration ends): nobody else waits for it.
 */
export class Events {
  readonly #now: () => Date;
  readonly #remembered: number;
  readonly #patience: number;
  readonly #past: EventMessage[] = [];
  readonly #readers = new Set<Reader>();
  #lastNano = 0n;

  constructor(
    options: { readonly now?: () => Date; readonly remembered?: number; readonly patience?: number } = {},
  ) {
    this.#now = options.now ?? (() => new Date());
    this.#remembered = options.remembered ?? 1000;
    this.#patience = options.patience ?? 10_000;
  }

  /** Tells everybody. Call it after the fact is recorded. */
  publish(event: NewEvent): void {
    const message = this.#message(event);
    if (event.aside) {
      for (const reader of this.#readers)
        if (reader.filter['event']?.includes(event.action)) reader.offer(message, this.#patience);
      return;
    }
    this.#past.push(message);
    if (this.#past.length > this.#remembered) this.#past.shift();
    for (const reader of this.#readers) reader.offer(message, this.#patience);
  }

  /** How many listen: `NEventsListener` of `info`. */
  get listeners(): number {
    return this.#readers.size;
  }

  /**
   * Past events from `since` on, then (unless `until` is past) what comes, in order and none twice. Listening begins with
   * this call, not with the first read.
   */
  subscribe(subscription: Subscription = {}): AsyncIterable<EventMessage> {
    const { filter = {}, since, until } = subscription;
    const wanted = (message: EventMessage) => matches(filter, message) && within(message, since, until);
    const reader = new Reader(filter, wanted, () => this.#readers.delete(reader));
    if (since !== undefined)
      for (const message of this.#past) reader.offer(message, Number.POSITIVE_INFINITY);
    this.#listen(reader, subscription);
    return reader;
  }

  /** Ends every subscription. */
  close(): void {
    for (const reader of this.#readers) reader.end();
  }

  #listen(reader: Reader, { until, signal }: Subscription): void {
    const left = until === undefined ? undefined : until - this.#now().getTime();
    if (signal?.aborted || (left !== undefined && left <= 0)) {
      reader.end();
      return;
    }
    this.#readers.add(reader);
    signal?.addEventListener('abort', () => reader.end(), { once: true });
    if (left !== undefined) setTimeout(() => reader.end(), Math.min(left, 2 ** 31 - 1)).unref();
  }

  #message({ type, action, id, attributes = {} }: NewEvent): EventMessage {
    const milliseconds = this.#now().getTime();
    const nano = BigInt(milliseconds) * 1_000_000n;
    this.#lastNano = nano > this.#lastNano ? nano : this.#lastNano + 1n;
    return {
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: { ...attributes } },
      scope: 'local',
      time: Math.floor(milliseconds / 1000),
      timeNano: Number(this.#lastNano),
    };
  }
}

function within(message: EventMessage, since: number | undefined, until: number | undefined): boolean {
  const milliseconds = (message.timeNano ?? 0) / 1e6;
  return (since === undefined || milliseconds >= since) && (until === undefined || milliseconds <= until);
}

/** One subscription: a queue between the feed, which never waits, and a reader, which may be slow. */
class Reader implements AsyncIterable<EventMessage>, AsyncIterator<EventMessage> {
  readonly filter: EventFilter;
  readonly #wanted: (message: EventMessage) => boolean;
  readonly #left: () => void;
  readonly #queue: EventMessage[] = [];
  #waiting: ((result: IteratorResult<EventMessage>) => void) | undefined;
  #over = false;

  constructor(filter: EventFilter, wanted: (message: EventMessage) => boolean, left: () => void) {
    this.filter = filter;
    this.#wanted = wanted;
    this.#left = left;
  }

  offer(message: EventMessage, patience: number): void {
    if (this.#over || !this.#wanted(message)) return;
    if (this.#waiting !== undefined) {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting({ done: false, value: message });
    } else if (this.#queue.push(message) > patience) this.end();
  }

  end(): void {
    this.#over = true;
    this.#left();
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  next(): Promise<IteratorResult<EventMessage>> {
    const value = this.#queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<EventMessage>> {
    this.#queue.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<EventMessage> {
    return this;
  }
}
