import { conflict, forbidden, invalid, notFound, unauthorized } from '#base/errors.ts';
import { type Actor, type Person, reaches } from '../access/index.ts';
import type { Account, Level, Member, Role, Visibility } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import { checkVisibility, insertAccount } from './account-record.ts';
import { checkAccountName, checkDisplayName } from './names.ts';
import type { Users } from './users.ts';

export interface OrganisationRow {
  readonly id: string;
  readonly name: string;
}

interface AccountRow extends OrganisationRow {
  readonly kind: 'user' | 'organisation';
  readonly display_name: string;
  readonly default_visibility: Visibility;
  readonly created_at: string;
}

const roleOf: Readonly<Record<Level, Role>> = { admin: 'owner', write: 'editor', read: 'member' };

/** @throws {EngineError} `invalid` */
export function checkRole(role: string | undefined): Role {
  if (role !== 'owner' && role !== 'editor' && role !== 'member')
    throw invalid('a role is owner, editor or member');
  return role;
}

/** Organisations and who is in them. Their names are public; the rest is their members' to see and their owners' to change. */
export class Organisations {
  readonly #rooms: HubRooms;
  readonly #users: Users;

  constructor(rooms: HubRooms, users: Users) {
    this.#rooms = rooms;
    this.#users = users;
  }

  /** A user's or an organisation's public face, with more for who is in it. @throws {EngineError} `notFound` */
  account(actor: Actor, name: string): Account {
    const { database, access } = this.#rooms;
    const row = database.get<AccountRow>('SELECT * FROM account WHERE name = ?', name);
    if (row === undefined) throw notFound('account', name);
    const level = access.inAccount(actor, row.id);
    return {
      ...{ name: row.name, kind: row.kind, displayName: row.display_name, createdAt: row.created_at },
      ...(level !== 'none' && { role: roleOf[level], defaultVisibility: row.default_visibility }),
    };
  }

  /**
   * An organisation, for one who may do that much in it: read what members see, admin what owners do.
   *
   * @throws {EngineError} `notFound`, `unauthorized`, `forbidden`
   */
  for(actor: Actor, name: string, level: Level): OrganisationRow {
    const { database, access } = this.#rooms;
    const row = database.get<OrganisationRow>(
      "SELECT id, name FROM account WHERE name = ? AND kind = 'organisation'",
      name,
    );
    if (row === undefined) throw notFound('organisation', name);
    if (reaches(access.inAccount(actor, row.id), level)) return row;
    if (actor.kind === 'stranger') throw unauthorized('sign in first');
    throw forbidden(`that is for the ${level === 'read' ? 'members' : 'owners'} of ${name}`);
  }

  /** Its maker owns it. @throws {EngineError} `invalid`, `conflict` */
  create(
    maker: Person,
    { name, displayName = '' }: { readonly name: string; readonly displayName?: string | undefined },
  ): void {
    const { database, audit } = this.#rooms;
    checkAccountName(name);
    checkDisplayName(displayName);
    database.transaction(() => {
      this.#users.checkFree(name);
      const id = insertAccount(this.#rooms, { name, kind: 'organisation', displayName });
      this.#insertMember(id, maker.id, 'owner');
      audit.add({ actor: maker, action: 'organisation.create', target: name, ownerId: id });
    });
  }

  /** @throws {EngineError} `invalid` */
  change(
    { id, name }: OrganisationRow,
    change: { readonly displayName?: string | undefined; readonly defaultVisibility?: string | undefined },
    by: Actor,
  ): void {
    const { displayName, defaultVisibility } = change;
    if (displayName !== undefined) checkDisplayName(displayName);
    if (defaultVisibility !== undefined) checkVisibility(defaultVisibility);
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      database.run(
        `UPDATE account SET display_name = coalesce(?, display_name), default_visibility = coalesce(?, default_visibility)
          WHERE id = ?`,
        ...[displayName ?? null, defaultVisibility ?? null, id],
      );
      audit.add({ actor: by, action: 'organisation.change', target: name, ownerId: id, details: change });
    });
  }

  /** @throws {EngineError} `conflict` while it has repositories */
  remove({ id, name }: OrganisationRow, by: Actor): void {
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      if (database.get('SELECT 1 FROM repository WHERE owner_id = ? LIMIT 1', id) !== undefined)
        throw conflict(`${name} has repositories: delete them first`);
      database.run('DELETE FROM account WHERE id = ?', id);
      audit.add({ actor: by, action: 'organisation.delete', target: name, ownerId: id });
    });
  }

  members({ id }: OrganisationRow): readonly Member[] {
    const { database } = this.#rooms;
    const teams = database.all<{ readonly user_id: string; readonly name: string }>(
      'SELECT x.user_id, t.name FROM team_member x JOIN team t ON t.id = x.team_id WHERE t.organisation_id = ? ORDER BY t.name',
      id,
    );
    const namesOf = Map.groupBy(teams, (row) => row.user_id);
    return database
      .all<Omit<Member, 'teams'> & { readonly id: string }>(
        `SELECT a.id, a.name, a.display_name AS displayName, m.role, m.joined_at AS joinedAt
           FROM member m JOIN account a ON a.id = m.user_id WHERE m.organisation_id = ? ORDER BY a.name`,
        id,
      )
      .map(({ id: userId, ...member }) => ({
        ...member,
        teams: (namesOf.get(userId) ?? []).map(({ name }) => name),
      }));
  }

  /** Makes a user a member, or a member something else. @throws {EngineError} `notFound`; `conflict` for the last owner */
  setMember(
    organisation: OrganisationRow,
    userName: string,
    { role, by }: { readonly role: Role; readonly by: Actor },
  ): void {
    const { database, audit } = this.#rooms;
    const { id, name } = organisation;
    database.transaction(() => {
      const user = this.#users.get(userName);
      const had = this.roleOf(id, user.id);
      if (had === role) return;
      if (had === 'owner') this.#checkNotLast(organisation);
      this.#insertMember(id, user.id, role);
      const details = { user: userName, role, ...(had !== undefined && { from: had }) };
      audit.add({ actor: by, action: 'member.set', target: name, ownerId: id, details });
    });
  }

  /** With it goes its place in teams. @throws {EngineError} `notFound`; `conflict` for the last owner */
  removeMember(organisation: OrganisationRow, userName: string, by: Actor): void {
    const { database, audit } = this.#rooms;
    const { id, name } = organisation;
    database.transaction(() => {
      const user = this.#users.find(userName);
      const had = user && this.roleOf(id, user.id);
      if (user === undefined || had === undefined) throw notFound('member', userName);
      if (had === 'owner') this.#checkNotLast(organisation);
      database.run(
        'DELETE FROM team_member WHERE user_id = ? AND team_id IN (SELECT id FROM team WHERE organisation_id = ?)',
        ...[user.id, id],
      );
      database.run('DELETE FROM member WHERE organisation_id = ? AND user_id = ?', id, user.id);
      audit.add({
        actor: by,
        action: 'member.remove',
        target: name,
        ownerId: id,
        details: { user: userName },
      });
    });
  }

  roleOf(organisationId: string, userId: string): Role | undefined {
    return this.#rooms.database.get<{ role: Role }>(
      'SELECT role FROM member WHERE organisation_id = ? AND user_id = ?',
      organisationId,
      userId,
    )?.role;
  }

  #insertMember(organisationId: string, userId: string, role: Role): void {
    this.#rooms.database.run(
      'INSERT INTO member VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role',
      ...[organisationId, userId, role, this.#rooms.now().toISOString()],
    );
  }

  /** One who is disabled owns nothing for others. */
  #checkNotLast({ id, name }: OrganisationRow): void {
    const { n } = this.#rooms.database.get<{ n: number }>(
      "SELECT count(*) AS n FROM member WHERE organisation_id = ? AND role = 'owner'",
      id,
    )!;
    if (n === 1) throw conflict(`${name} must keep an owner`);
  }
}
