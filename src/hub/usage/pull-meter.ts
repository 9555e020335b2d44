import { messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import type { Database } from '#state/database.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { Actor } from '../access/actor.ts';
import type { HubSettings } from '../settings/settings.ts';
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
  check(actor: Actor, repository: RepositoryRecord): PullAllowance | undefined;
  /** The same without taking one, for HEAD. */
  look(actor: Actor, repository: RepositoryRecord): PullAllowance | undefined;
  /** A manifest is served: counts a pull of the repository. Written a few seconds later. */
  count(repository: RepositoryRecord): void;
}

const writeEverySeconds = 5;
/** A plan that was changed holds from then on, at the latest. */
const limitKeptMilliseconds = 10_000;
const mostLimits = 10_000;

/** Counts pulls. Close it, or the last seconds' counts are lost. */
export class Pulls implements PullMeter, Disposable {
  readonly #database: Database;
  readonly #settings: HubSettings;
  readonly #log: Log;
  readonly #now: () => Date;
  readonly #windows: PullWindows;
  readonly #counts: PullCounts;
  readonly #limits = new Map<string, { readonly limit: number | null; readonly at: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: {
    readonly database: Database;
    readonly settings: HubSettings;
    readonly log: Log;
    readonly now: () => Date;
  }) {
    this.#database = options.database;
    this.#settings = options.settings;
    this.#log = options.log;
    this.#now = options.now;
    this.#windows = new PullWindows({ now: () => options.now().getTime() });
    this.#counts = new PullCounts(options.database, options.now);
    this.#timer = setInterval(() => this.#write(), writeEverySeconds * 1000);
    this.#timer.unref();
  }

  check(actor: Actor, _repository: RepositoryRecord): PullAllowance | undefined {
    const { key, limit } = this.#limitOf(actor);
    if (limit !== null) return this.#windows.take(key, limit);
    // counted all the same: usage is shown to those without a limit too
    this.#windows.take(key, Number.POSITIVE_INFINITY);
    return undefined;
  }

  look(actor: Actor, _repository: RepositoryRecord): PullAllowance | undefined {
    const { key, limit } = this.#limitOf(actor);
    return limit === null ? undefined : this.#windows.look(key, limit);
  }

  count(repository: RepositoryRecord): void {
    this.#counts.add(repository.id);
  }

  /** Pulls an account has made in its hour that runs. */
  pullsOf(accountId: string): number {
    return this.#windows.pulls(accountId);
  }

  /** Plans or who has which changed. */
  forgetLimits(): void {
    this.#limits.clear();
  }

  flush(): void {
    this.#counts.flush();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.flush();
  }

  #write(): void {
    try {
      this.flush();
    } catch (error) {
      this.#log.error('pull counts are not written', { error: messageOf(error) });
    }
  }

  #limitOf(actor: Actor): { readonly key: string; readonly limit: number | null } {
    if (actor.kind === 'person') return { key: actor.id, limit: this.#accountLimit(actor.id) };
    return {
      key: addressGroup(actor.address),
      limit: this.#settings.get().anonymousPullsPerHour ?? null,
    };
  }

  #accountLimit(id: string): number | null {
    const now = this.#now().getTime();
    const kept = this.#limits.get(id);
    if (kept !== undefined && now - kept.at < limitKeptMilliseconds) return kept.limit;
    const limit = pullsPerHour(this.#database, id);
    if (this.#limits.size >= mostLimits) this.#limits.clear();
    this.#limits.set(id, { limit, at: now });
    return limit;
  }
}

/** What an account may pull in an hour: by its own plan, or by that of an organisation it is in where that allows more. Null: no limit. */
export function pullsPerHour(database: Database, accountId: string): number | null {
  const row = database.get<{ unlimited: number; most: number | null }>(
    `SELECT max(p.pulls_per_hour IS NULL) AS unlimited, max(p.pulls_per_hour) AS most
       FROM account a JOIN plan p ON p.id = a.plan_id
      WHERE a.id = ?1 OR a.id IN (SELECT organisation_id FROM member WHERE user_id = ?1)`,
    accountId,
  );
  return row === undefined || row.unlimited === 1 ? null : (row.most ?? 0);
}
