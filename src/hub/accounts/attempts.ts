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

const forgetAfter = 60 * minute;
const mostTallies = 25_000;
const mostKnown = 10_000;

interface Tally {
  failures: number;
  /** Under way: they count as failures until they end, so that many at once are not many for free. */
  pending: number;
  blockedUntil: number;
  lastAt: number;
}

/** One guess under way. Exactly one of the two is called. */
export interface Attempt {
  succeeded(): void;
  failed(): void;
  /** It came to nothing (the client went, the disk is full): as if it had not been. */
  dropped(): void;
}

/**
 * Slows guessing down, by account and by network (an address, of IPv6 its /64). Nobody can keep an owner out: failures from
 * elsewhere make those wait who are at the same network, and others at most half a minute. Kept in memory, bounded.
 */
export class Attempts {
  readonly #now: () => number;
  readonly #tallies = new RecentMap<string, Tally>(mostTallies);
  /** `account network` that a right password came from. */
  readonly #known = new RecentMap<string, true>(mostKnown);

  constructor(now: () => Date) {
    this.#now = () => now().getTime();
  }

  /** @throws {TooManyAttempts} */
  password(account: string, address: string): Attempt {
    const network = addressGroup(address);
    const pair = `${account} ${network}`;
    const attempt = this.#begin([
      [`pair ${pair}`, perPair],
      [`network ${network}`, perNetwork],
      ...(this.#known.get(pair) ? [] : [[`account ${account}`, perAccount] as const]),
    ]);
    return {
      ...attempt,
      succeeded: () => {
        attempt.succeeded();
        this.#tallies.delete(`pair ${pair}`);
        this.#known.set(pair, true);
      },
    };
  }

  /** @throws {TooManyAttempts} */
  secondFactor(account: string, address: string): Attempt {
    const code = `code ${account}`;
    const attempt = this.#begin([
      [`${code} ${addressGroup(address)}`, perPair],
      [code, perSecondFactor],
    ]);
    return {
      ...attempt,
      succeeded: () => {
        attempt.succeeded();
        this.#tallies.delete(code);
      },
    };
  }

  /** Of a secret that is no one's by name: access tokens, invitations. @throws {TooManyAttempts} */
  secret(address: string): Attempt {
    return this.#begin([[`secret ${addressGroup(address)}`, perNetwork]]);
  }

  /** A new account: called to have failed when it was made, too. @throws {TooManyAttempts} */
  signUp(address: string): Attempt {
    return this.#begin([[`sign-up ${addressGroup(address)}`, perSignUp]]);
  }

  #begin(keys: readonly (readonly [string, Guessing])[]): Attempt {
    const now = this.#now();
    const tallies = keys.map(([key, rule]) => ({ key, rule, tally: this.#tally(key, now) }));
    for (const { rule, tally } of tallies) {
      if (tally.failures + tally.pending < rule.free) continue;
      const wait = Math.max(tally.blockedUntil - now, tally.pending > 0 ? second : 0);
      if (wait > 0) throw new TooManyAttempts(Math.ceil(wait / second));
    }
    for (const { key, tally } of tallies) {
      tally.pending += 1;
      this.#tallies.set(key, tally);
    }
    let isOpen = true;
    const end = (failed: boolean) => {
      if (!isOpen) return;
      isOpen = false;
      for (const { key, rule, tally } of tallies) this.#end(key, { rule, tally, failed });
    };
    return { succeeded: () => end(false), dropped: () => end(false), failed: () => end(true) };
  }

  #end(
    key: string,
    { rule, tally, failed }: { readonly rule: Guessing; readonly tally: Tally; readonly failed: boolean },
  ): void {
    tally.pending -= 1;
    if (!failed) {
      if (tally.failures === 0 && tally.pending === 0) this.#tallies.delete(key);
      return;
    }
    tally.lastAt = this.#now();
    tally.failures += 1;
    const over = tally.failures - rule.free;
    if (over >= 0)
      tally.blockedUntil = tally.lastAt + Math.min(rule.most, rule.first * 2 ** Math.min(over, 30));
  }

  #tally(key: string, now: number): Tally {
    const tally = this.#tallies.get(key);
    if (tally !== undefined && (tally.pending > 0 || now - tally.lastAt < forgetAfter)) return tally;
    return { failures: 0, pending: 0, blockedUntil: 0, lastAt: now };
  }
}
