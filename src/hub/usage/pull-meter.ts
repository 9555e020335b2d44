import { messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import type { Actor } from '../access/actor.ts';
import type { Records, RepositoryRecord } from '../records/index.ts';
import { addressGroup } from './address-group.ts';
import { PullCounts } from './pull-counts.ts';
import { type PullAllowance, PullWindows } from './pull-windows.ts';

/** What serving pulls needs to know: who may pull how often, and that it was done. */
export interface PullMeter {
  /**
   * Takes one of the pulls that whoever asks has in an hour: strangers by their address (IPv6: by /64), persons by their
   * account and its plan. Ask once it is known that the repository may be read.
   *
   * @returns undefined where there is no limit
   */
  check(actor: Actor, repository: RepositoryRecord): Promise<PullAllowance | undefined>;
  /** The same without taking one, for HEAD. */
  look(actor: Actor, repository: RepositoryRecord): Promise<PullAllowance | undefined>;
  /** A manifest is served: counts a pull of the repository. Written a few seconds later. */
  count(repository: RepositoryRecord): void;
}

const writeEverySeconds = 5;
/** A plan that was changed holds from then on, at the latest. */
const limitKeptMilliseconds = 10_000;
const mostLimits = 10_000;

/** Of an account; no limit when undefined. */
interface KeptLimit {
  readonly limit: number | undefined;
  readonly at: number;
}

/** Counts pulls. Close it, or the last seconds' counts are lost. */
export class Pulls implements PullMeter, AsyncDisposable {
  readonly #records: Pick<Records, 'plans' | 'settings'>;
  readonly #log: Log;
  readonly #now: () => Date;
  readonly #windows: PullWindows;
  readonly #counts: PullCounts;
  #limits = new Map<string, KeptLimit>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: {
    readonly records: Pick<Records, 'plans' | 'pulls' | 'settings'>;
    readonly log: Log;
    readonly now: () => Date;
  }) {
    this.#records = options.records;
    this.#log = options.log;
    this.#now = options.now;
    this.#windows = new PullWindows({ now: () => options.now().getTime() });
    this.#counts = new PullCounts(options.records.pulls, options);
    this.#timer = setInterval(() => void this.#write(), writeEverySeconds * 1000);
    this.#timer.unref();
  }

  async check(actor: Actor, _repository: RepositoryRecord): Promise<PullAllowance | undefined> {
    const { key, limit } = await this.#limitOf(actor);
    if (limit !== undefined) return this.#windows.take(key, limit);
    // counted all the same: usage is shown to those without a limit too
    this.#windows.take(key, Number.POSITIVE_INFINITY);
    return undefined;
  }

  async look(actor: Actor, _repository: RepositoryRecord): Promise<PullAllowance | undefined> {
    const { key, limit } = await this.#limitOf(actor);
    return limit === undefined ? undefined : this.#windows.look(key, limit);
  }

  count(repository: RepositoryRecord): void {
    if (this.#counts.add(repository.id)) void this.#write();
  }

  /** Pulls an account has made in its hour that runs. */
  pullsOf(accountId: string): number {
    return this.#windows.pulls(accountId);
  }

  /** Plans or who has which changed. */
  forgetLimits(): void {
    // another map: what is being read meanwhile is from before the change, and is kept in the old one
    this.#limits = new Map();
  }

  flush(): Promise<void> {
    return this.#counts.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #write(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#log.error('pull counts are not written', {
        error: messageOf(error),
        lost: this.#counts.lost,
      });
    }
  }

  async #limitOf(actor: Actor): Promise<{ readonly key: string; readonly limit: number | undefined }> {
    if (actor.kind === 'person') return { key: actor.id, limit: await this.#accountLimit(actor.id) };
    const { anonymousPullsPerHour: limit } = await this.#records.settings.get();
    return { key: addressGroup(actor.address), limit };
  }

  async #accountLimit(id: string): Promise<number | undefined> {
    const limits = this.#limits;
    const now = this.#now().getTime();
    const kept = limits.get(id);
    if (kept !== undefined && now - kept.at < limitKeptMilliseconds) return kept.limit;
    const limit = await this.#records.plans.pullsPerHour(id);
    if (limits.size >= mostLimits) limits.clear();
    limits.set(id, { limit, at: now });
    return limit;
  }
}
