import { invalid } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type { AccessToken, Level } from '../api/accounts.ts';
import type { AccessTokenRecord, UserRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { userEntry } from './account-record.ts';
import { isSecret, newRecordId, newSecret, secretHash } from './secrets.ts';
import { program } from './users.ts';

/** A user's. */
const most = 200;
/** How long a use may go unwritten after another. */
const useStep = 60_000;

/** Personal access tokens: `hht_…`, of which only a hash is kept. */
export class AccessTokens {
  readonly #records: HubRooms['records']['accessTokens'];
  readonly #now: () => Date;

  constructor({ records, now }: HubRooms) {
    this.#records = records.accessTokens;
    this.#now = now;
  }

  /** @throws {EngineError} `invalid`. @returns with its secret, told this once */
  async create(
    user: Pick<UserRecord, 'id' | 'name'>,
    token: { readonly name: string; readonly scope: Level; readonly expiresAt?: string | undefined },
    by: Actor = program,
  ): Promise<AccessToken & { readonly secret: string }> {
    const { name, scope } = token;
    checkTokenName(name);
    checkScope(scope);
    const expiresAt = token.expiresAt === undefined ? undefined : future(token.expiresAt, this.#now());
    const secret = newSecret('hht_');
    const details = { name, scope, ...(expiresAt !== undefined && { expiresAt }) };
    const made = await this.#records.create(
      { id: newRecordId(), hash: secretHash(secret), userId: user.id, name, scope, expiresAt },
      most,
      { ...userEntry(user, 'token.create', by), details },
    );
    return { ...shown(made), secret };
  }

  async list(userId: string): Promise<readonly AccessToken[]> {
    return (await this.#records.list(userId)).map(shown);
  }

  /** What registry tokens and sign-ins were made of it ends with it. @throws {EngineError} `notFound` */
  revoke(user: Pick<UserRecord, 'id' | 'name'>, id: string, by: Actor): Promise<void> {
    return this.#records.revoke(user.id, id, ({ name }) => ({
      ...userEntry(user, 'token.revoke', by),
      details: { name },
    }));
  }

  /** The token of a secret that is good now. */
  async find(secret: string): Promise<AccessTokenRecord | undefined> {
    return isSecret('hht_', secret) ? this.#records.find(secretHash(secret)) : undefined;
  }

  /** Notes a use, at most once a minute. */
  async used({ id, lastUse }: AccessTokenRecord, address: string): Promise<void> {
    const last = lastUse === undefined ? 0 : Date.parse(lastUse.at);
    if (this.#now().getTime() - last >= useStep) await this.#records.used(id, address);
  }
}

/** @throws {EngineError} `invalid` */
export function checkTokenName(name: string): void {
  if (name.trim() === '' || name.length > 100 || /\p{Cc}/u.test(name))
    throw invalid('an access token has a name of at most 100 characters');
}

/** @throws {EngineError} `invalid` */
export function checkScope(scope: string): void {
  if (!['read', 'write', 'admin'].includes(scope)) throw invalid('a scope is read, write or admin');
}

/** A time to come, as it is kept. @throws {EngineError} `invalid` */
export function future(text: string, now: Date): string {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw invalid(`${JSON.stringify(text)} is no RFC 3339 time`);
  if (time <= now.getTime()) throw invalid('that time has passed');
  return new Date(time).toISOString();
}

const shown = ({ userId: _user, lastUse, ...token }: AccessTokenRecord): AccessToken => ({
  ...token,
  ...(lastUse !== undefined && { lastUsedAt: lastUse.at, lastAddress: lastUse.address }),
});
