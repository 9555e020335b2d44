import type { IncomingMessage } from 'node:http';
import { notFound } from '#base/errors.ts';
import type { Actor, Person } from '../access/index.ts';
import type { OpenSession } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import type { UserRow } from './account-record.ts';
import { newCookie } from './csrf.ts';
import type { RefreshTokenRow } from './refresh-tokens.ts';
import { newRecordId, secretHash } from './secrets.ts';

interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly created_at: string;
  readonly seen_at: string;
  readonly expires_at: string;
  readonly address: string;
  readonly agent: string;
}

const day = 24 * 60 * 60 * 1000;
/** Without a request for so long it ends. */
const idle = 14 * day;
/** It ends then, whatever comes. */
export const sessionLifetime = 30 * day;
const seenStep = 60_000;
/** A user's; the longest unseen goes when there would be more. */
const most = 100;

/** Browsers that are signed in. The cookie's value is random and told once; only its hash is kept. */
export class Sessions {
  readonly #rooms: HubRooms;
  readonly #ofRequests = new WeakMap<IncomingMessage, { readonly id: string; readonly cookie: string }>();

  constructor(rooms: HubRooms) {
    this.#rooms = rooms;
  }

  /** @returns the cookie's value */
  create(user: UserRow, from: { readonly address: string; readonly agent: string }): string {
    const { database, now } = this.#rooms;
    const cookie = newCookie();
    const at = now();
    database.transaction(() => {
      database.run(
        `DELETE FROM session WHERE expires_at <= ?1 OR seen_at <= ?2 OR (user_id = ?3 AND id IN
           (SELECT id FROM session WHERE user_id = ?3 ORDER BY seen_at DESC LIMIT -1 OFFSET ?4))`,
        ...[at.toISOString(), before(at, idle), user.id, most - 1],
      );
      database.run(
        `INSERT INTO session (id, hash, user_id, created_at, seen_at, expires_at, address, agent)
           VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)`,
        ...[newRecordId(), secretHash(cookie), user.id, at.toISOString()],
        ...[before(at, -sessionLifetime), from.address, from.agent.slice(0, 300)],
      );
    });
    return cookie;
  }

  /** Who a cookie is, while its session lasts and its user is not disabled; it is noted for the request. */
  find(request: IncomingMessage, cookie: string, address: string): Person | undefined {
    const { database, now } = this.#rooms;
    const at = now();
    const row = database.get<SessionRow & { readonly name: string; readonly is_admin: number }>(
      `SELECT s.*, a.name, u.is_admin FROM session s JOIN user u ON u.account_id = s.user_id JOIN account a ON a.id = s.user_id
        WHERE s.hash = ? AND s.expires_at > ? AND s.seen_at > ? AND u.disabled_at IS NULL`,
      ...[secretHash(cookie), at.toISOString(), before(at, idle)],
    );
    if (row === undefined) return undefined;
    if (at.getTime() - Date.parse(row.seen_at) >= seenStep)
      database.run(
        'UPDATE session SET seen_at = ?, address = ? WHERE id = ?',
        at.toISOString(),
        address,
        row.id,
      );
    this.#ofRequests.set(request, { id: row.id, cookie });
    return {
      ...{ kind: 'person', id: row.user_id, name: row.name, isAdmin: row.is_admin === 1, address },
      ...{ via: 'session', ceiling: 'admin' },
    };
  }

  /** The session that a request was found to be of. */
  of(request: IncomingMessage): { readonly id: string; readonly cookie: string } | undefined {
    return this.#ofRequests.get(request);
  }

  /** Sessions of browsers, and sign-ins of registry clients, the latest seen first. */
  list(userId: string, thisId: string | undefined): readonly OpenSession[] {
    const { database, now } = this.#rooms;
    const at = now();
    const browsers = database.all<SessionRow>(
      'SELECT * FROM session WHERE user_id = ? AND expires_at > ? AND seen_at > ?',
      ...[userId, at.toISOString(), before(at, idle)],
    );
    const clients = database.all<RefreshTokenRow>(
      'SELECT * FROM refresh_token WHERE user_id = ? AND expires_at > ?',
      ...[userId, at.toISOString()],
    );
    return [
      ...browsers.map((row) => shown(row, row.agent, row.id === thisId)),
      ...clients.map((row) =>
        shown(row, `registry sign-in${row.client === '' ? '' : ` by ${row.client}`}`, false),
      ),
    ].sort((a, b) => (a.seenAt < b.seenAt ? 1 : -1));
  }

  /** @throws {EngineError} `notFound` */
  end(user: Pick<UserRow, 'id' | 'name'>, id: string, by: Actor): void {
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      const ended = ['session', 'refresh_token'].map((table) =>
        database.run(`DELETE FROM ${table} WHERE id = ? AND user_id = ?`, id, user.id),
      );
      if (!ended.includes(1)) throw notFound('session', id);
      audit.add({ actor: by, action: 'user.sign-out', target: user.name, ownerId: user.id });
    });
  }
}

const before = (at: Date, milliseconds: number): string =>
  new Date(at.getTime() - milliseconds).toISOString();

const shown = (
  row: Pick<SessionRow, 'id' | 'created_at' | 'seen_at' | 'address'>,
  agent: string,
  isThis: boolean,
): OpenSession => ({
  ...{ id: row.id, isThis, agent, address: row.address },
  ...{ createdAt: row.created_at, seenAt: row.seen_at },
});
