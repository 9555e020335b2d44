import { createHash } from 'node:crypto';
import { type AttemptRecords, type Failures, failuresLastSeconds } from '../records/index.ts';
import { addressGroup } from '../usage/address-group.ts';
import { RecentMap } from './recent-map.ts';

/** Too many wrong passwords, codes or tokens came before: nothing was looked at. Edges answer 429 with `Retry-After`. */
export class TooManyAttempts extends Error {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many attempts: try again later');
    this.name = 'TooManyAttempts';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What is guessed: how many failures are free, and how long each after them makes one wait. */
export interface Guessing {
  readonly free: number;
  /** Doubles with each failure up to `most`. */
  readonly first: number;
  readonly most: number;
}

const second = 1000;
const minute = 60 * second;
/** One account's, from one network. */
const perPair: Guessing = { free: 5, first: second, most: 15 * minute };
/** From one network, whosever. */
const perNetwork: Guessing = { free: 50, first: second, most: 15 * minute };
/** One account's, from networks that nobody has signed in to it from: short, for its owner may be at a new one. */
const perAccount: Guessing = { free: 30, first: second, most: 30 * second };
/** Second factors have a million values, and who guesses them has the password already. */
const perSecondFactor: Guessing = { free: 10, first: second, most: 5 * minute };

/** New accounts from one network: each counts. */
const perSignUp: Guessing = { free: 20, first: minute, most: 15 * minute };

const mostUnwritten = 25_000;
const mostKnown = 10_000;

/** Guesses under way. They count as failures until they end, so that many at once are not many for free. */
interface Pending {
  count: number;
  /** One of those that were under way at the same time was wrong. */
  hasFailed: boolean;
}

interface Counted {
  readonly key: string;
  readonly guessing: Guessing;
}

/** One guess under way. Exactly one of the three is called; more of them do nothing. */
export interface Attempt {
  succeeded(): Promise<void>;
  failed(): Promise<void>;
  /** It came to nothing (the client went, the disk is full): as if it had not been. */
  dropped(): Promise<void>;
}

/**
 * Slows guessing down, by account and by network (an address, of IPv6 its /64). Nobody can keep an owner out: failures from
 * elsewhere make those wait who are at the same network, and others at most half a minute. Failures are recorded, and so
 * outlast the program; what is right is not, unless it makes up for failures.
 */
export class Attempts {
  readonly #records: AttemptRecords;
  readonly #now: () => number;
  readonly #pending = new Map<string, Pending>();
  /** Failures that could not be recorded: a full disk is not to let anyone guess on. */
  readonly #unwritten = new RecentMap<string, Failures>(mostUnwritten);
  /** Accounts and networks that a right password came from since the program began. */
  readonly #known = new RecentMap<string, true>(mostKnown);

  constructor(records: AttemptRecords, now: () => Date) {
    this.#records = records;
    this.#now = () => now().getTime();
  }

  /** @throws {TooManyAttempts} */
  async password(account: string, address: string): Promise<Attempt> {
    const network = addressGroup(address);
    const pair = keyOf(`pair ${account} ${network}`);
    const attempt = await this.#begin(
      [
        { key: pair, guessing: perPair },
        { key: keyOf(`network ${network}`), guessing: perNetwork },
        ...(this.#known.get(pair) ? [] : [{ key: keyOf(`account ${account}`), guessing: perAccount }]),
      ],
      [pair],
    );
    return {
      ...attempt,
      succeeded: () => {
        this.#known.set(pair, true);
        return attempt.succeeded();
      },
    };
  }

  /** @throws {TooManyAttempts} */
  secondFactor(account: string, address: string): Promise<Attempt> {
    const code = keyOf(`code ${account}`);
    return this.#begin(
      [
        { key: keyOf(`code ${account} ${addressGroup(address)}`), guessing: perPair },
        { key: code, guessing: perSecondFactor },
      ],
      [code],
    );
  }

  /** Of a secret that is no one's by name: access tokens, invitations. @throws {TooManyAttempts} */
  secret(address: string): Promise<Attempt> {
    return this.#begin([{ key: keyOf(`secret ${addressGroup(address)}`), guessing: perNetwork }]);
  }

  /** A new account: called to have failed when it was made, too. @throws {TooManyAttempts} */
  signUp(address: string): Promise<Attempt> {
    return this.#begin([{ key: keyOf(`sign-up ${addressGroup(address)}`), guessing: perSignUp }]);
  }

  /** @param madeUp keys whose failures a right guess makes up for */
  async #begin(counted: readonly Counted[], madeUp: readonly string[] = []): Promise<Attempt> {
    const keys = counted.map(({ key }) => key);
    // one that ends while the records are asked may not be among what they say
    const before = keys.map((key) => this.#pending.get(key)?.count ?? 0);
    const found = await this.#failures(keys);
    const now = this.#now();
    for (const [i, { key, guessing }] of counted.entries()) {
      const pending = Math.max(before[i]!, this.#pending.get(key)?.count ?? 0);
      const wait = waitOf(found.get(key), { guessing, pending, now });
      if (wait > 0) throw new TooManyAttempts(Math.ceil(wait / second));
    }
    for (const key of keys) this.#enter(key);
    return this.#attempt(keys, { madeUp, found });
  }

  #attempt(
    keys: readonly string[],
    { madeUp, found }: { readonly madeUp: readonly string[]; readonly found: ReadonlyMap<string, Failures> },
  ): Attempt {
    let isOpen = true;
    const end = async (act: () => Promise<void>): Promise<void> => {
      if (!isOpen) return;
      isOpen = false;
      try {
        await act();
      } finally {
        for (const key of keys) this.#leave(key);
      }
    };
    const hasFailed = (key: string) => found.has(key) || this.#pending.get(key)?.hasFailed === true;
    return {
      succeeded: () => end(() => this.#forget(madeUp.filter(hasFailed))),
      failed: () => end(() => this.#add(keys)),
      dropped: () => end(async () => undefined),
    };
  }

  async #failures(keys: readonly string[]): Promise<ReadonlyMap<string, Failures>> {
    const found = new Map(await this.#records.failures(keys));
    for (const key of keys) {
      const [written, unwritten] = [found.get(key), this.#unwrittenOf(key)];
      if (unwritten !== undefined)
        found.set(key, written === undefined ? unwritten : sumOf(written, unwritten));
    }
    return found;
  }

  async #add(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#pending.get(key)!.hasFailed = true;
    try {
      await this.#records.add(keys);
    } catch (error) {
      const lastAt = new Date(this.#now()).toISOString();
      for (const key of keys)
        this.#unwritten.set(key, { count: (this.#unwrittenOf(key)?.count ?? 0) + 1, lastAt });
      throw error;
    }
  }

  async #forget(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    for (const key of keys) this.#unwritten.delete(key);
    try {
      await this.#records.forget(keys);
    } catch {
      // what could not be written counts on: who is right is not turned away for it
    }
  }

  #unwrittenOf(key: string): Failures | undefined {
    const unwritten = this.#unwritten.get(key);
    const since = this.#now() - failuresLastSeconds * second;
    return unwritten !== undefined && Date.parse(unwritten.lastAt) > since ? unwritten : undefined;
  }

  #enter(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) this.#pending.set(key, { count: 1, hasFailed: false });
    else pending.count += 1;
  }

  #leave(key: string): void {
    const pending = this.#pending.get(key)!;
    pending.count -= 1;
    if (pending.count === 0) this.#pending.delete(key);
  }
}

const sumOf = (written: Failures, unwritten: Failures): Failures => ({
  count: written.count + unwritten.count,
  lastAt: new Date(Math.max(Date.parse(written.lastAt), Date.parse(unwritten.lastAt))).toISOString(),
});

/** What is recorded tells no names: one that is not known may be a password in the wrong field. */
const keyOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Milliseconds until it is looked at. */
function waitOf(
  failures: Failures | undefined,
  { guessing, pending, now }: { readonly guessing: Guessing; readonly pending: number; readonly now: number },
): number {
  const { free, first, most } = guessing;
  const count = failures?.count ?? 0;
  if (count + pending < free) return 0;
  const whilePending = pending > 0 ? second : 0;
  if (failures === undefined || count < free) return whilePending;
  const blocked = Math.min(most, first * 2 ** Math.min(count - free, 30));
  return Math.max(Date.parse(failures.lastAt) + blocked - now, whilePending);
}
