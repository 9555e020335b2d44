import { conflict, invalid, notFound } from '#base/errors.ts';
import type { Role } from '../../api/accounts.ts';
import type { Audited } from '../audit.ts';
import type { InvitationRecord, InvitationRecords, InvitedTo, NewInvitationRecord } from '../invitations.ts';
import type { SqliteParts } from './parts.ts';

interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly organisation_id: string | null;
  readonly organisation: string | null;
  readonly role: Role | null;
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly used_by: string | null;
}

const select = `SELECT i.id, i.email, i.organisation_id, o.name AS organisation, i.role, c.name AS created_by, i.created_at,
    i.expires_at, b.name AS used_by
  FROM invitation i JOIN account c ON c.id = i.created_by LEFT JOIN account o ON o.id = i.organisation_id
  LEFT JOIN account b ON b.id = i.used_by`;

/** Of an invitation `i`, at the time `?1`: who invited may still invite, as an administrator or an owner of the organisation. */
const usable = `i.used_at IS NULL AND i.expires_at > ?1 AND EXISTS (
  SELECT 1 FROM user u WHERE u.account_id = i.created_by AND u.disabled_at IS NULL AND
    (u.is_admin = 1 OR EXISTS (SELECT 1 FROM member m
      WHERE m.user_id = u.account_id AND m.organisation_id = i.organisation_id AND m.role = 'owner')))`;

export class SqliteInvitations implements InvitationRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async create(
    invitation: NewInvitationRecord,
    { most, forgetBefore }: { readonly most: number; readonly forgetBefore: string },
    audited: Audited,
  ): Promise<InvitationRecord> {
    const { database, audit, now } = this.#parts;
    const { id, hash, email, to, creatorId, expiresAt } = invitation;
    const organisationId = to?.organisationId ?? null;
    return database.transaction(() => {
      database.run('DELETE FROM invitation WHERE expires_at < ?', forgetBefore);
      if (this.#unused(organisationId) >= most) throw invalid(`at most ${most} invitations can be open`);
      database.run(
        `INSERT INTO invitation (id, hash, email, organisation_id, role, created_by, created_at, expires_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[id, hash, email, organisationId, to?.role ?? null, creatorId, now().toISOString(), expiresAt],
      );
      audit.write(audited, undefined);
      return invitationOf(database.get<InvitationRow>(`${select} WHERE i.id = ?`, id)!);
    });
  }

  async list(to: InvitedTo): Promise<readonly InvitationRecord[]> {
    return this.#parts.database
      .all<InvitationRow>(
        `${select} WHERE i.organisation_id IS ? ORDER BY i.created_at DESC, i.id`,
        columnOf(to),
      )
      .map(invitationOf);
  }

  async find(hash: string): Promise<InvitationRecord | undefined> {
    const { database, now } = this.#parts;
    const sql = `${select} WHERE i.hash = ?2 AND ${usable}`;
    const row = database.get<InvitationRow>(sql, now().toISOString(), hash);
    return row && invitationOf(row);
  }

  async remove(to: InvitedTo, id: string, audited: Audited<InvitationRecord>): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const sql = `${select} WHERE i.id = ? AND i.organisation_id IS ?`;
      const row = database.get<InvitationRow>(sql, id, columnOf(to));
      if (row === undefined) throw notFound('invitation', id);
      database.run('DELETE FROM invitation WHERE id = ?', id);
      audit.write(audited, invitationOf(row));
    });
  }

  async accept(id: string, userId: string, audited: Audited<InvitationRecord>): Promise<void> {
    this.#parts.database.transaction(() => {
      if (takeInvitation(this.#parts, { id, userId, joined: audited }).to === undefined) throw gone();
    });
  }

  #unused(organisationId: string | null): number {
    return this.#parts.database.get<{ n: number }>(
      'SELECT count(*) AS n FROM invitation WHERE organisation_id IS ? AND used_by IS NULL',
      organisationId,
    )!.n;
  }
}

/** Uses an invitation up for a user. Within a transaction. @throws {EngineError} `conflict` */
export function takeInvitation(
  { database, audit, now }: SqliteParts,
  use: { readonly id: string; readonly userId: string; readonly joined: Audited<InvitationRecord> },
): InvitationRecord {
  const { id, userId, joined } = use;
  const at = now().toISOString();
  const row = database.get<InvitationRow>(`${select} WHERE i.id = ?2 AND ${usable}`, at, id);
  if (row === undefined) throw gone();
  database.run('UPDATE invitation SET used_by = ?, used_at = ? WHERE id = ?', userId, at, id);
  const invitation = invitationOf(row);
  if (invitation.to === undefined) return invitation;
  const { organisationId, organisation, role } = invitation.to;
  const added = database.run(
    'INSERT OR IGNORE INTO member VALUES (?, ?, ?, ?)',
    ...[organisationId, userId, role, at],
  );
  if (added === 0) {
    const { name } = database.get<{ name: string }>('SELECT name FROM account WHERE id = ?', userId)!;
    throw conflict(`${name} is a member of ${organisation} already`);
  }
  audit.write(joined, invitation);
  return invitation;
}

const gone = () => conflict('that invitation has just been used');

const columnOf = (to: InvitedTo): string | null => (to === 'hub' ? null : to.organisationId);

const invitationOf = (row: InvitationRow): InvitationRecord => ({
  ...{ id: row.id, email: row.email, createdBy: row.created_by },
  ...{ createdAt: row.created_at, expiresAt: row.expires_at },
  ...(row.organisation_id !== null && {
    to: { organisationId: row.organisation_id, organisation: row.organisation!, role: row.role! },
  }),
  ...(row.used_by !== null && { usedBy: row.used_by }),
});
