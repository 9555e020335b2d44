import { invalid, notFound } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type { AccessToken, Level } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import type { UserRow } from './account-record.ts';
import { isSecret, newRecordId, newSecret, secretHash } from './secrets.ts';
import { program } from './users.ts';

export interface AccessTokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly scope: Level;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly last_address: string | null;
}

const most = 200;
/** How long a use may go unwritten after another. */
const useStep = 60_000;

/** Personal access tokens: `hht_…`, of which only a hash is kept. */
export class AccessTokens {
  readonly #rooms: HubRooms;

  constructor(rooms: HubRooms) {
    this.#rooms = rooms;
  }

  /** @throws {EngineError} `invalid`. @returns with its secret, told this once */
  create(
    user: Pick<UserRow, 'id' | 'name'>,
    token: { readonly name: string; readonly scope: Level; readonly expiresAt?: string | undefined },
    by: Actor = program,
  ): AccessToken & { readonly secret: string } {
    const { database, audit, now } = this.#rooms;
    const { name, scope } = token;
    checkTokenName(name);
    checkScope(scope);
    const expiresAt = token.expiresAt === undefined ? null : future(token.expiresAt, now());
    const secret = newSecret('hht_');
    const id = newRecordId();
    database.transaction(() => {
      if (this.list(user.id).length >= most) throw invalid(`a user has at most ${most} access tokens`);
      database.run(
        `INSERT INTO access_token (id, hash, user_id, name, scope, created_at, expires_at)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        ...[id, secretHash(secret), user.id, name, scope, now().toISOString(), expiresAt],
      );
      const details = { name, scope, ...(expiresAt !== null && { expiresAt }) };
      audit.add({ actor: by, action: 'token.create', target: user.name, ownerId: user.id, details });
    });
    return { ...shown(this.#byId(id)!), secret };
  }

  list(userId: string): readonly AccessToken[] {
    return this.#rooms.database
      .all<AccessTokenRow>(
        'SELECT * FROM access_token WHERE user_id = ? ORDER BY created_at DESC, id',
        userId,
      )
      .map(shown);
  }

  /** What registry tokens and sign-ins were made of it ends with it. @throws {EngineError} `notFound` */
  revoke(user: Pick<UserRow, 'id' | 'name'>, id: string, by: Actor): void {
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      const token = this.#byId(id);
      if (token === undefined || token.user_id !== user.id) throw notFound('access token', id);
      database.run('DELETE FROM access_token WHERE id = ?', id);
      const details = { name: token.name };
      audit.add({ actor: by, action: 'token.revoke', target: user.name, ownerId: user.id, details });
    });
  }

  /** The token of a secret that is good now. */
  find(secret: string): AccessTokenRow | undefined {
    if (!isSecret('hht_', secret)) return undefined;
    return this.#rooms.database.get<AccessTokenRow>(
      'SELECT * FROM access_token WHERE hash = ? AND (expires_at IS NULL OR expires_at > ?)',
      secretHash(secret),
      this.#rooms.now().toISOString(),
    );
  }

  /** Notes a use, at most once a minute. */
  used(token: AccessTokenRow, address: string): void {
    const now = this.#rooms.now();
    const last = token.last_used_at === null ? 0 : Date.parse(token.last_used_at);
    if (now.getTime() - last < useStep) return;
    this.#rooms.database.run(
      'UPDATE access_token SET last_used_at = ?, last_address = ? WHERE id = ?',
      ...[now.toISOString(), address, token.id],
    );
  }

  #byId(id: string): AccessTokenRow | undefined {
    return this.#rooms.database.get<AccessTokenRow>('SELECT * FROM access_token WHERE id = ?', id);
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

const shown = (row: AccessTokenRow): AccessToken => ({
  id: row.id,
  name: row.name,
  scope: row.scope,
  createdAt: row.created_at,
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  ...(row.last_address !== null && { lastAddress: row.last_address }),
});
