import { createHmac, randomBytes } from 'node:crypto';
import { unauthorized } from '#base/errors.ts';
import type { Person } from '../access/index.ts';
import type { Level } from '../api/accounts.ts';
import type { UserRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { AccessTokens } from './access-tokens.ts';
import { personOf } from './account-record.ts';
import type { Attempts } from './attempts.ts';
import type { PasswordHasher } from './password-hash.ts';
import { RecentMap } from './recent-map.ts';
import type { Users } from './users.ts';

/** Who has shown to be whom, and by what. */
export interface Proof {
  readonly user: UserRecord;
  readonly actor: Person;
  readonly via: 'password' | 'access-token';
  readonly ceiling: Level;
  readonly accessTokenId?: string;
}

/** How long a right password is known again without computing its hash. */
const keptFor = 5 * 60_000;
const mostKept = 5000;

/** The same whatever is wrong: the name, the password, or that the user is disabled. */
export const incorrect = () => unauthorized('incorrect username or password');

/** Names with passwords or access tokens, as sign-in and basic authentication send them. */
export class Credentials {
  readonly #rooms: HubRooms;
  readonly #users: Users;
  readonly #tokens: AccessTokens;
  readonly #hasher: PasswordHasher;
  readonly #attempts: Attempts;
  /** By a keyed hash of name and password, so that no password is kept: what was found right. */
  readonly #kept = new RecentMap<string, { readonly passwordHash: string; readonly until: number }>(mostKept);
  readonly #key = randomBytes(32);
  /** Under way: the same name and password at once are one attempt. */
  readonly #running = new Map<string, Promise<UserRecord>>();

  constructor(
    rooms: HubRooms,
    parts: {
      readonly users: Users;
      readonly tokens: AccessTokens;
      readonly hasher: PasswordHasher;
      readonly attempts: Attempts;
    },
  ) {
    this.#rooms = rooms;
    this.#users = parts.users;
    this.#tokens = parts.tokens;
    this.#hasher = parts.hasher;
    this.#attempts = parts.attempts;
  }

  /**
   * Who a name and its password or access token are.
   *
   * @throws {EngineError} `unauthorized`, in the same words and time for a wrong name and a wrong password; but a right password
   *   where there is a second factor too is told so, for an access token is to stand in for it
   * @throws {TooManyAttempts}
   */
  async basic(name: string, secret: string, address: string): Promise<Proof> {
    if (secret.startsWith('hht_')) return this.accessToken(secret, address, name.toLowerCase());
    const user = await this.password(name, secret, address);
    if (user.secondFactor?.confirmedAt !== undefined)
      throw unauthorized('this account has a second factor: use an access token in place of the password');
    return { user, actor: personOf(user, address), via: 'password', ceiling: 'admin' };
  }

  /** @param name whose it must be; anyone's when absent. @throws {EngineError} `unauthorized`; {TooManyAttempts} */
  async accessToken(secret: string, address: string, name?: string): Promise<Proof> {
    // looked at first: nobody guesses one, and who has one need not wait for neighbours who try
    const token = await this.#tokens.find(secret);
    const user = token && (await this.#users.findById(token.userId));
    if (
      token === undefined ||
      user === undefined ||
      user.disabledAt !== undefined ||
      (name ?? user.name) !== user.name
    ) {
      await (await this.#attempts.secret(address)).failed();
      throw name === undefined ? unauthorized('that access token is not valid') : incorrect();
    }
    await this.#tokens.used(token, address);
    const actor: Person = { ...personOf(user, address), via: 'access-token', ceiling: token.scope };
    return { user, actor, via: 'access-token', ceiling: token.scope, accessTokenId: token.id };
  }

  /** The user of a right password, whether or not there is a second factor. @throws as `basic` */
  async password(givenName: string, givenPassword: string, address: string): Promise<UserRecord> {
    // no name is longer, and no password: what comes is not for memory to keep
    const name = givenName.slice(0, 64).toLowerCase();
    const password = givenPassword.slice(0, 4096);
    const key = createHmac('sha256', this.#key).update(`${name}\0${password}`).digest('base64');
    const user = await this.#users.find(name);
    const kept = this.#kept.get(key);
    if (
      user !== undefined &&
      kept?.passwordHash === user.passwordHash &&
      kept.until > this.#rooms.now().getTime()
    )
      return enabled(user);
    const same = `${key} ${address}`;
    let running = this.#running.get(same);
    if (running === undefined) {
      running = this.#verified(name, password, { user, address, key });
      this.#running.set(same, running);
      void running.catch(() => undefined).finally(() => this.#running.delete(same));
    }
    return running;
  }

  async #verified(
    name: string,
    password: string,
    {
      user,
      address,
      key,
    }: { readonly user: UserRecord | undefined; readonly address: string; readonly key: string },
  ): Promise<UserRecord> {
    const attempt = await this.#attempts.password(name, address);
    try {
      const isRight = await this.#hasher.verify(user?.passwordHash, password);
      if (!isRight || user === undefined || user.disabledAt !== undefined) {
        await attempt.failed();
        await this.#rooms.records.audit.add({
          actor: { kind: 'stranger', address },
          action: 'user.sign-in-failed',
          // what no user is called may be a password in the wrong field
          target: user?.name ?? '',
          ...(user !== undefined && { ownerId: user.id }),
        });
        throw incorrect();
      }
      await attempt.succeeded();
    } finally {
      await attempt.dropped();
    }
    await this.#users.rehash(user, password);
    const current = await this.#users.findById(user.id);
    // a password that was changed while the old one was looked at is not the old one
    if (current?.passwordChangedAt !== user.passwordChangedAt) throw incorrect();
    const until = this.#rooms.now().getTime() + keptFor;
    this.#kept.set(key, { passwordHash: current.passwordHash, until });
    return enabled(current);
  }
}

function enabled(user: UserRecord): UserRecord {
  if (user.disabledAt !== undefined) throw incorrect();
  return user;
}
