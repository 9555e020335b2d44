import type { Task } from '#runtime/format.ts';
import type { ContainerRecord, ContainerStateRecord } from './record.ts';
import type { PendingAttachment } from './streams/pending.ts';
import { Waits } from './waits.ts';

/** One container as this process knows it: its record and state, and what goes with a running one. */
export class Container {
  readonly waits = new Waits();
  /** Attachments that wait for the next start. */
  readonly pending = new Set<PendingAttachment>();
  /** Execs that run. */
  readonly execs = new Set<string>();
  task: Task | undefined;
  /** How many of the task's OOM kills have been told. */
  oomKillsTold = 0;
  /** Set while its restart policy waits to start it again. */
  retry: NodeJS.Timeout | undefined;
  /** How long it waited last. */
  retryDelay: number | undefined;
  /** Resolves when it has ended and will not start again by itself: what a log's follower waits for. */
  ended: PromiseWithResolvers<void> | undefined;
  /** Pieces of views, kept until something changes. */
  summary: unknown;
  #record: ContainerRecord;
  #state: ContainerStateRecord;

  constructor(record: ContainerRecord, state: ContainerStateRecord) {
    this.#record = record;
    this.#state = state;
  }

  get id(): string {
    return this.#record.id;
  }

  get name(): string {
    return this.#record.name;
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  get state(): ContainerStateRecord {
    return this.#state;
  }

  /** For the store alone, once the row is written. */
  recorded(record: ContainerRecord, state: ContainerStateRecord): void {
    this.#record = record;
    this.#state = state;
    this.summary = undefined;
  }
}
