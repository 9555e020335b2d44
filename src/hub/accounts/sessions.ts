import type { IncomingMessage } from 'node:http';
import type { Actor, Person } from '../access/index.ts';
import type { OpenSession } from '../api/accounts.ts';
import type { SessionRecord, UserRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { personOf, userEntry } from './account-record.ts';
import { incorrect } from './credentials.ts';
import { newCookie } from './csrf.ts';
import { newRecordId, secretHash } from './secrets.ts';

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

  /**
   * Signs a user in. A session of its own each time: a cookie from before the sign-in is worth nothing after it.
   *
   * @param from.request ends the session that it is of, where `from.actor` is a person
   * @returns the cookie's value
   * @throws {EngineError} `unauthorized` when the user is gone, disabled or of another password by now
   */
  async begin(
    user: UserRecord,
    from: { readonly request: IncomingMessage; readonly actor: Actor; readonly agent: string },
  ): Promise<string> {
    const { request, actor, agent } = from;
    const { address } = actor;
    const cookie = newCookie();
    const open = this.of(request);
    const isBegun = await this.#rooms.records.sessions.begin(
      {
        ...{ id: newRecordId(), hash: secretHash(cookie), userId: user.id },
        passwordChangedAt: user.passwordChangedAt,
        ...{ expiresAt: this.#before(-sessionLifetime), address, agent: agent.slice(0, 300) },
      },
      {
        ...{ most, seenSince: this.#before(idle) },
        ...(open !== undefined &&
          actor.kind === 'person' && {
            ends: { id: open.id, audited: userEntry(actor, 'user.sign-out', actor) },
          }),
        audited: {
          ...userEntry(user, 'user.sign-in', personOf(user, address)),
          details: { for: 'page' },
        },
      },
    );
    if (!isBegun) throw incorrect();
    return cookie;
  }

  /** Who a cookie is, while its session lasts and its user is not disabled; it is noted for the request. */
  async find(request: IncomingMessage, cookie: string, address: string): Promise<Person | undefined> {
    const { records, now } = this.#rooms;
    const found = await records.sessions.find(secretHash(cookie), { seenSince: this.#before(idle) });
    if (found === undefined) return undefined;
    const { session, user } = found;
    if (now().getTime() - Date.parse(session.seenAt) >= seenStep)
      await records.sessions.seen(session.id, address);
    this.#ofRequests.set(request, { id: session.id, cookie });
    return { ...{ kind: 'person', ...user, address }, ...{ via: 'session', ceiling: 'admin' } };
  }

  /** The session that a request was found to be of. */
  of(request: IncomingMessage): { readonly id: string; readonly cookie: string } | undefined {
    return this.#ofRequests.get(request);
  }

  /** Sessions of browsers, and sign-ins of registry clients, the latest seen first. */
  async list(userId: string, thisId: string | undefined): Promise<readonly OpenSession[]> {
    const { sessions, refreshTokens } = this.#rooms.records;
    const browsers = await sessions.list(userId, { seenSince: this.#before(idle) });
    const clients = await refreshTokens.list(userId);
    return [
      ...browsers.map((session) => shown(session, session.agent, session.id === thisId)),
      ...clients.map((token) =>
        shown(token, `registry sign-in${token.client === '' ? '' : ` by ${token.client}`}`, false),
      ),
    ].sort((a, b) => (a.seenAt < b.seenAt ? 1 : -1));
  }

  /** @throws {EngineError} `notFound` */
  end(user: Pick<UserRecord, 'id' | 'name'>, id: string, by: Actor): Promise<void> {
    return this.#rooms.records.sessions.end(user.id, id, userEntry(user, 'user.sign-out', by));
  }

  #before(milliseconds: number): string {
    return new Date(this.#rooms.now().getTime() - milliseconds).toISOString();
  }
}

const shown = (
  { id, address, createdAt, seenAt }: Omit<SessionRecord, 'userId' | 'agent'>,
  agent: string,
  isThis: boolean,
): OpenSession => ({ id, isThis, agent, address, createdAt, seenAt });
