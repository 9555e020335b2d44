import { conflict, invalid, notFound } from '#base/errors.ts';
import type { Actor, Person } from '../access/index.ts';
import type { Invitation, Role } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import type { Attempts } from './attempts.ts';
import { checkEmail } from './names.ts';
import type { OrganisationRow } from './organisations.ts';
import { isSecret, newRecordId, newSecret, secretHash } from './secrets.ts';

export interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly organisation_id: string | null;
  readonly organisation: string | null;
  readonly role: Role | null;
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly used_by: string | null;
  readonly used_at: string | null;
}

const day = 24 * 60 * 60 * 1000;
const lifetime = 7 * day;
/** Used and expired ones are shown so long. */
const shownFor = 30 * day;
const mostOpen = 500;

const select = `SELECT i.id, i.email, i.organisation_id, o.name AS organisation, i.role, c.name AS created_by, i.created_at,
    i.expires_at, b.name AS used_by, i.used_at
  FROM invitation i JOIN account c ON c.id = i.created_by LEFT JOIN account o ON o.id = i.organisation_id
  LEFT JOIN account b ON b.id = i.used_by`;

/** Who invited may still invite: an administrator, or an owner of the organisation. */
const inviterMay = `EXISTS (SELECT 1 FROM user u WHERE u.account_id = i.created_by AND u.disabled_at IS NULL AND
  (u.is_admin = 1 OR EXISTS (SELECT 1 FROM member m
    WHERE m.user_id = u.account_id AND m.organisation_id = i.organisation_id AND m.role = 'owner')))`;

/** Invitations to the Hub and to organisations: a code (`hhi_…`) that is good for one, for a week. */
export class Invitations {
  readonly #rooms: HubRooms;
  readonly #attempts: Attempts;

  constructor(rooms: HubRooms, attempts: Attempts) {
    this.#rooms = rooms;
    this.#attempts = attempts;
  }

  /** @param to the organisation, and the role there; the Hub when absent. @returns with the code, told this once. @throws {EngineError} `invalid` */
  create(
    by: Person,
    email: string,
    to?: { readonly organisation: OrganisationRow; readonly role: Role },
  ): Invitation {
    if (email !== '') checkEmail(email);
    const { database, audit, now } = this.#rooms;
    const code = newSecret('hhi_');
    const id = newRecordId();
    const at = now();
    const organisationId = to?.organisation.id ?? null;
    database.transaction(() => {
      database.run(
        'DELETE FROM invitation WHERE expires_at < ?',
        new Date(at.getTime() - shownFor).toISOString(),
      );
      if (this.list(organisationId).filter((open) => open.usedBy === undefined).length >= mostOpen)
        throw invalid(`at most ${mostOpen} invitations can be open`);
      database.run(
        `INSERT INTO invitation (id, hash, email, organisation_id, role, created_by, created_at, expires_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[id, secretHash(code), email, organisationId, to?.role ?? null, by.id],
        ...[at.toISOString(), new Date(at.getTime() + lifetime).toISOString()],
      );
      audit.add({
        ...{ actor: by, action: 'invitation.create', target: to?.organisation.name ?? email },
        ...{
          ownerId: organisationId ?? by.id,
          details: { email, ...(to !== undefined && { role: to.role }) },
        },
      });
    });
    return { ...shown(database.get<InvitationRow>(`${select} WHERE i.id = ?`, id)!), code };
  }

  /** @param organisationId null for those to the Hub */
  list(organisationId: string | null): readonly Invitation[] {
    return this.#rooms.database
      .all<InvitationRow>(
        `${select} WHERE i.organisation_id IS ? ORDER BY i.created_at DESC, i.id`,
        organisationId,
      )
      .map(shown);
  }

  /** @throws {EngineError} `notFound` */
  remove(organisationId: string | null, id: string, by: Person): void {
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      const row = database.get<InvitationRow>(
        `${select} WHERE i.id = ? AND i.organisation_id IS ?`,
        ...[id, organisationId],
      );
      if (row === undefined) throw notFound('invitation', id);
      database.run('DELETE FROM invitation WHERE id = ?', id);
      audit.add({
        ...{ actor: by, action: 'invitation.delete', target: row.organisation ?? row.email },
        ...{ ownerId: organisationId ?? by.id, details: { email: row.email } },
      });
    });
  }

  /** The invitation of a code, while it can be used. @throws {EngineError} `notFound`, the same whatever is wrong; {TooManyAttempts} */
  get(code: string, address: string): InvitationRow {
    const row = isSecret('hhi_', code)
      ? this.#rooms.database.get<InvitationRow>(
          `${select} WHERE i.hash = ? AND i.used_at IS NULL AND i.expires_at > ? AND ${inviterMay}`,
          ...[secretHash(code), this.#rooms.now().toISOString()],
        )
      : undefined;
    if (row !== undefined) return row;
    this.#attempts.secret(address).failed();
    throw notFound('invitation', 'it is not known, was used, or has expired');
  }

  /** Uses it up for a user. Within the transaction of what it is used for. @throws {EngineError} `conflict` */
  take(invitation: InvitationRow, user: { readonly id: string; readonly name: string }, by: Actor): void {
    const { database, audit, now } = this.#rooms;
    const at = now().toISOString();
    database.transaction(() => {
      const taken = database.run(
        'UPDATE invitation SET used_by = ?, used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?2',
        ...[user.id, at, invitation.id],
      );
      if (taken === 0) throw conflict('that invitation has just been used');
      const { organisation_id: organisationId, organisation, role } = invitation;
      if (organisationId === null || organisation === null || role === null) return;
      const joined = database.run(
        'INSERT OR IGNORE INTO member VALUES (?, ?, ?, ?)',
        ...[organisationId, user.id, role, at],
      );
      if (joined === 0) throw conflict(`${user.name} is a member of ${organisation} already`);
      const details = { user: user.name, role, invitedBy: invitation.created_by };
      audit.add({ actor: by, action: 'member.join', target: organisation, ownerId: organisationId, details });
    });
  }
}

export const shown = (row: InvitationRow): Invitation => ({
  ...{ id: row.id, email: row.email, createdBy: row.created_by },
  ...{ createdAt: row.created_at, expiresAt: row.expires_at },
  ...(row.organisation !== null && { organisation: row.organisation }),
  ...(row.role !== null && { role: row.role }),
  ...(row.used_by !== null && { usedBy: row.used_by }),
});
