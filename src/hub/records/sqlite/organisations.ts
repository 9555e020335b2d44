import { conflict, notFound } from '#base/errors.ts';
import type { Member, Role, Visibility } from '../../api/accounts.ts';
import type { Audited } from '../audit.ts';
import type {
  Membership,
  NewOrganisation,
  OrganisationRecord,
  OrganisationRecords,
} from '../organisations.ts';
import { describeAccount, insertAccount } from './accounts.ts';
import type { SqliteParts } from './parts.ts';

export class SqliteOrganisations implements OrganisationRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async find(name: string): Promise<OrganisationRecord | undefined> {
    const sql = "SELECT id, name FROM account WHERE name = ? AND kind = 'organisation'";
    const row = this.#parts.database.get<OrganisationRecord>(sql, name);
    return row && { ...row };
  }

  async ofUser(userId: string): Promise<readonly Membership[]> {
    return this.#parts.database
      .all<Membership>(
        `SELECT a.name, a.display_name AS displayName, m.role FROM member m JOIN account a ON a.id = m.organisation_id
          WHERE m.user_id = ? ORDER BY a.name`,
        userId,
      )
      .map((row) => ({ ...row }));
  }

  async members(id: string): Promise<readonly Member[]> {
    const { database } = this.#parts;
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

  async create({ id, name, displayName, makerId }: NewOrganisation, audited: Audited): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      insertAccount(this.#parts, { id, name, kind: 'organisation', displayName });
      this.#putMember(id, makerId, 'owner');
      audit.write(audited, undefined);
    });
  }

  async change(
    id: string,
    change: {
      readonly displayName?: string | undefined;
      readonly defaultVisibility?: Visibility | undefined;
    },
    audited: Audited,
  ): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      organisationName(this.#parts, id);
      describeAccount(this.#parts, id, change);
      audit.write(audited, undefined);
    });
  }

  async remove(id: string, audited: Audited): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const name = organisationName(this.#parts, id);
      if (database.get('SELECT 1 FROM repository WHERE owner_id = ? LIMIT 1', id) !== undefined)
        throw conflict(`${name} has repositories: delete them first`);
      database.run('DELETE FROM account WHERE id = ?', id);
      audit.write(audited, undefined);
    });
  }

  async setMember(
    id: string,
    { userName, role }: { readonly userName: string; readonly role: Role },
    audited: Audited<Role | undefined>,
  ): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const name = organisationName(this.#parts, id);
      const user = database.get<{ readonly id: string }>(
        "SELECT id FROM account WHERE name = ? AND kind = 'user'",
        userName,
      );
      if (user === undefined) throw notFound('user', userName);
      const had = this.#member(id, userName)?.role;
      if (had === role) return;
      if (had === 'owner') this.#checkNotLast(id, name);
      this.#putMember(id, user.id, role);
      audit.write(audited, had);
    });
  }

  async removeMember(id: string, userName: string, audited: Audited): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const name = organisationName(this.#parts, id);
      const member = this.#member(id, userName);
      if (member === undefined) throw notFound('member', userName);
      if (member.role === 'owner') this.#checkNotLast(id, name);
      database.run(
        'DELETE FROM team_member WHERE user_id = ? AND team_id IN (SELECT id FROM team WHERE organisation_id = ?)',
        ...[member.id, id],
      );
      database.run('DELETE FROM member WHERE organisation_id = ? AND user_id = ?', id, member.id);
      audit.write(audited, undefined);
    });
  }

  #member(id: string, userName: string): { readonly id: string; readonly role: Role } | undefined {
    return this.#parts.database.get(
      'SELECT a.id, m.role FROM account a JOIN member m ON m.user_id = a.id WHERE a.name = ? AND m.organisation_id = ?',
      ...[userName, id],
    );
  }

  #putMember(id: string, userId: string, role: Role): void {
    this.#parts.database.run(
      'INSERT INTO member VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role',
      ...[id, userId, role, this.#parts.now().toISOString()],
    );
  }

  #checkNotLast(id: string, name: string): void {
    const { n } = this.#parts.database.get<{ n: number }>(
      "SELECT count(*) AS n FROM member WHERE organisation_id = ? AND role = 'owner'",
      id,
    )!;
    if (n === 1) throw conflict(`${name} must keep an owner`);
  }
}

/** @throws {EngineError} `notFound` */
export function organisationName({ database }: SqliteParts, id: string): string {
  const sql = "SELECT name FROM account WHERE id = ? AND kind = 'organisation'";
  const row = database.get<{ name: string }>(sql, id);
  if (row === undefined) throw notFound('organisation', id);
  return row.name;
}
