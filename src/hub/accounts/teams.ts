import { conflict, invalid, notFound } from '#base/errors.ts';
import { type Actor, visibleTo } from '../access/index.ts';
import type { Team, TeamDetail } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import type { OrganisationRow } from './organisations.ts';

interface TeamRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

const grammar = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** An organisation's teams: what repositories are granted to. */
export class Teams {
  readonly #rooms: HubRooms;
  readonly #organisation: OrganisationRow;

  constructor(rooms: HubRooms, organisation: OrganisationRow) {
    this.#rooms = rooms;
    this.#organisation = organisation;
  }

  /** Repositories are counted as the one who asks sees them. */
  list(actor: Actor): readonly Team[] {
    const visible = visibleTo(viewerOf(actor), 2);
    return this.#rooms.database.all<Team>(
      `SELECT t.name, t.description,
              (SELECT count(*) FROM team_member m WHERE m.team_id = t.id) AS members,
              (SELECT count(*) FROM team_grant g JOIN repository r ON r.id = g.repository_id
                WHERE g.team_id = t.id AND ${visible.sql}) AS repositories
         FROM team t WHERE t.organisation_id = ?1 ORDER BY t.name`,
      this.#organisation.id,
      ...visible.values,
    );
  }

  /** @throws {EngineError} `notFound` */
  detail(actor: Actor, name: string): TeamDetail {
    const { database } = this.#rooms;
    const team = this.#get(name);
    const visible = visibleTo(viewerOf(actor), 2);
    const people = database.all<TeamDetail['people'][number]>(
      `SELECT a.name, a.display_name AS displayName FROM team_member m JOIN account a ON a.id = m.user_id
        WHERE m.team_id = ? ORDER BY a.name`,
      team.id,
    );
    const grants = database.all<TeamDetail['grants'][number]>(
      `SELECT r.full_name AS repository, g.level FROM team_grant g JOIN repository r ON r.id = g.repository_id
        WHERE g.team_id = ?1 AND ${visible.sql} ORDER BY r.full_name`,
      team.id,
      ...visible.values,
    );
    const { description } = team;
    return { name, description, members: people.length, repositories: grants.length, people, grants };
  }

  /** @throws {EngineError} `invalid`, `conflict` */
  create(
    { name, description }: { readonly name: string; readonly description: string },
    { id, by }: { readonly id: string; readonly by: Actor },
  ): void {
    checkTeamName(name);
    checkTeamDescription(description);
    this.#change(by, 'team.create', { team: name }, () => {
      this.#checkFree(name);
      this.#rooms.database.run(
        'INSERT INTO team VALUES (?, ?, ?, ?)',
        id,
        this.#organisation.id,
        name,
        description,
      );
    });
  }

  /** @throws {EngineError} `notFound`, `invalid`, `conflict` */
  change(
    oldName: string,
    change: { readonly name?: string | undefined; readonly description?: string | undefined },
    by: Actor,
  ): void {
    const team = this.#get(oldName);
    const { name = team.name, description = team.description } = change;
    checkTeamName(name);
    checkTeamDescription(description);
    this.#change(by, 'team.change', { team: oldName, ...(name !== oldName && { to: name }) }, () => {
      if (name !== oldName) this.#checkFree(name);
      this.#rooms.database.run(
        'UPDATE team SET name = ?, description = ? WHERE id = ?',
        name,
        description,
        team.id,
      );
    });
  }

  /** Its grants go with it. @throws {EngineError} `notFound` */
  remove(name: string, by: Actor): void {
    const { id } = this.#get(name);
    this.#change(by, 'team.delete', { team: name }, () =>
      this.#rooms.database.run('DELETE FROM team WHERE id = ?', id),
    );
  }

  /** @throws {EngineError} `notFound`; `conflict` for who is not in the organisation */
  addMember(name: string, userName: string, by: Actor): void {
    const { id } = this.#get(name);
    this.#change(by, 'team.add-member', { team: name, user: userName }, () => {
      const userId = this.#memberId(userName);
      if (userId === undefined) throw conflict(`${userName} is not a member of ${this.#organisation.name}`);
      this.#rooms.database.run('INSERT OR IGNORE INTO team_member VALUES (?, ?)', id, userId);
    });
  }

  /** @throws {EngineError} `notFound` */
  removeMember(name: string, userName: string, by: Actor): void {
    const { id } = this.#get(name);
    this.#change(by, 'team.remove-member', { team: name, user: userName }, () => {
      const removed = this.#rooms.database.run(
        'DELETE FROM team_member WHERE team_id = ? AND user_id = ?',
        ...[id, this.#memberId(userName) ?? ''],
      );
      if (removed === 0) throw notFound('team member', userName);
    });
  }

  #change(by: Actor, action: string, details: Readonly<Record<string, string>>, change: () => void): void {
    const { database, audit } = this.#rooms;
    const { id, name } = this.#organisation;
    database.transaction(() => {
      change();
      audit.add({ actor: by, action, target: name, ownerId: id, details });
    });
  }

  #get(name: string): TeamRow {
    const team = this.#find(name);
    if (team === undefined) throw notFound('team', name);
    return team;
  }

  #find(name: string): TeamRow | undefined {
    return this.#rooms.database.get<TeamRow>(
      'SELECT id, name, description FROM team WHERE organisation_id = ? AND name = ?',
      ...[this.#organisation.id, name],
    );
  }

  #checkFree(name: string): void {
    if (this.#find(name) !== undefined) throw conflict(`there is a team ${name} already`);
  }

  #memberId(userName: string): string | undefined {
    return this.#rooms.database.get<{ id: string }>(
      'SELECT a.id FROM account a JOIN member m ON m.user_id = a.id WHERE a.name = ? AND m.organisation_id = ?',
      ...[userName, this.#organisation.id],
    )?.id;
  }
}

function checkTeamName(name: string): void {
  if (name.length > 40 || !grammar.test(name))
    throw invalid(
      "a team's name is of at most 40 lower-case letters and digits, with dots, underscores or hyphens between",
    );
}

/** @throws {EngineError} `invalid` */
export function checkTeamDescription(description: string): void {
  if (description.length > 255 || /\p{Cc}/u.test(description))
    throw invalid('a description is one line of at most 255 characters');
}
