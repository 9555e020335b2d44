import { conflict, notFound } from '#base/errors.ts';
import type { Team, TeamDetail } from '../../api/accounts.ts';
import type { Audited } from '../audit.ts';
import type { NewTeamRecord, TeamName, TeamRecords } from '../teams.ts';
import type { Viewer } from '../viewer.ts';
import { organisationName } from './organisations.ts';
import type { SqliteParts } from './parts.ts';
import { visibleTo } from './visible.ts';

interface TeamRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export class SqliteTeams implements TeamRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async list(organisationId: string, viewer: Viewer): Promise<readonly Team[]> {
    const visible = visibleTo(viewer, 2);
    return this.#parts.database
      .all<Team>(
        `SELECT t.name, t.description,
                (SELECT count(*) FROM team_member m WHERE m.team_id = t.id) AS members,
                (SELECT count(*) FROM team_grant g JOIN repository r ON r.id = g.repository_id
                  WHERE g.team_id = t.id AND ${visible.sql}) AS repositories
           FROM team t WHERE t.organisation_id = ?1 ORDER BY t.name`,
        ...[organisationId, ...visible.values],
      )
      .map((row) => ({ ...row }));
  }

  async find(team: TeamName, viewer: Viewer): Promise<TeamDetail | undefined> {
    const row = this.#find(team);
    if (row === undefined) return undefined;
    const { id, name, description } = row;
    const people = this.#people(id);
    const grants = this.#grants(id, viewer);
    return { name, description, members: people.length, repositories: grants.length, people, grants };
  }

  async create({ id, organisationId, name, description }: NewTeamRecord, audited: Audited): Promise<void> {
    this.#audited(audited, () => {
      organisationName(this.#parts, organisationId);
      this.#checkFree({ organisationId, name });
      this.#parts.database.run('INSERT INTO team VALUES (?, ?, ?, ?)', id, organisationId, name, description);
    });
  }

  async change(
    team: TeamName,
    change: { readonly name?: string | undefined; readonly description?: string | undefined },
    audited: Audited,
  ): Promise<void> {
    this.#audited(audited, () => {
      const row = this.#get(team);
      const { name = row.name, description = row.description } = change;
      if (name !== row.name) this.#checkFree({ organisationId: team.organisationId, name });
      const sql = 'UPDATE team SET name = ?, description = ? WHERE id = ?';
      this.#parts.database.run(sql, name, description, row.id);
    });
  }

  async remove(team: TeamName, audited: Audited): Promise<void> {
    this.#audited(audited, () =>
      this.#parts.database.run('DELETE FROM team WHERE id = ?', this.#get(team).id),
    );
  }

  async addMember(team: TeamName, userName: string, audited: Audited): Promise<void> {
    this.#audited(audited, () => {
      const { id } = this.#get(team);
      const userId = this.#memberId(team.organisationId, userName);
      if (userId === undefined)
        throw conflict(
          `${userName} is not a member of ${organisationName(this.#parts, team.organisationId)}`,
        );
      this.#parts.database.run('INSERT OR IGNORE INTO team_member VALUES (?, ?)', id, userId);
    });
  }

  async removeMember(team: TeamName, userName: string, audited: Audited): Promise<void> {
    this.#audited(audited, () => {
      const { id } = this.#get(team);
      const removed = this.#parts.database.run(
        'DELETE FROM team_member WHERE team_id = ? AND user_id = ?',
        ...[id, this.#memberId(team.organisationId, userName) ?? ''],
      );
      if (removed === 0) throw notFound('team member', userName);
    });
  }

  #audited(audited: Audited, change: () => void): void {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      change();
      audit.write(audited, undefined);
    });
  }

  #people(id: string): TeamDetail['people'] {
    return this.#parts.database
      .all<TeamDetail['people'][number]>(
        `SELECT a.name, a.display_name AS displayName FROM team_member m JOIN account a ON a.id = m.user_id
          WHERE m.team_id = ? ORDER BY a.name`,
        id,
      )
      .map((row) => ({ ...row }));
  }

  #grants(id: string, viewer: Viewer): TeamDetail['grants'] {
    const visible = visibleTo(viewer, 2);
    return this.#parts.database
      .all<TeamDetail['grants'][number]>(
        `SELECT r.full_name AS repository, g.level FROM team_grant g JOIN repository r ON r.id = g.repository_id
          WHERE g.team_id = ?1 AND ${visible.sql} ORDER BY r.full_name`,
        ...[id, ...visible.values],
      )
      .map((row) => ({ ...row }));
  }

  #get(team: TeamName): TeamRow {
    const row = this.#find(team);
    if (row === undefined) throw notFound('team', team.name);
    return row;
  }

  #find({ organisationId, name }: TeamName): TeamRow | undefined {
    const sql = 'SELECT id, name, description FROM team WHERE organisation_id = ? AND name = ?';
    return this.#parts.database.get<TeamRow>(sql, organisationId, name);
  }

  #checkFree(team: TeamName): void {
    if (this.#find(team) !== undefined) throw conflict(`there is a team ${team.name} already`);
  }

  #memberId(organisationId: string, userName: string): string | undefined {
    return this.#parts.database.get<{ id: string }>(
      'SELECT a.id FROM account a JOIN member m ON m.user_id = a.id WHERE a.name = ? AND m.organisation_id = ?',
      ...[userName, organisationId],
    )?.id;
  }
}
