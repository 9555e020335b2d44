import { invalid, notFound } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type { Team, TeamDetail } from '../api/accounts.ts';
import {
  type NewAuditEntry,
  type OrganisationRecord,
  type TeamName,
  type TeamRecords,
  viewerOf,
} from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { newRecordId } from './secrets.ts';

const grammar = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** An organisation's teams: what repositories are granted to. */
export class Teams {
  readonly #records: TeamRecords;
  readonly #organisation: OrganisationRecord;

  constructor({ records }: HubRooms, organisation: OrganisationRecord) {
    this.#records = records.teams;
    this.#organisation = organisation;
  }

  /** Repositories are counted as the one who asks sees them. */
  list(actor: Actor): Promise<readonly Team[]> {
    return this.#records.list(this.#organisation.id, viewerOf(actor));
  }

  /** @throws {EngineError} `notFound` */
  async detail(actor: Actor, name: string): Promise<TeamDetail> {
    const team = await this.#records.find(this.#name(name), viewerOf(actor));
    if (team === undefined) throw notFound('team', name);
    return team;
  }

  /** @throws {EngineError} `invalid`, `conflict` */
  async create(
    { name, description }: { readonly name: string; readonly description: string },
    by: Actor,
  ): Promise<void> {
    checkTeamName(name);
    checkTeamDescription(description);
    await this.#records.create(
      { id: newRecordId(), ...this.#name(name), description },
      this.#entry(by, 'team.create', { team: name }),
    );
  }

  /** @throws {EngineError} `notFound`, `invalid`, `conflict` */
  async change(
    oldName: string,
    change: { readonly name?: string | undefined; readonly description?: string | undefined },
    by: Actor,
  ): Promise<void> {
    const { name, description } = change;
    if (name !== undefined) checkTeamName(name);
    if (description !== undefined) checkTeamDescription(description);
    const isRenamed = name !== undefined && name !== oldName;
    await this.#records.change(
      this.#name(oldName),
      { name, description },
      this.#entry(by, 'team.change', { team: oldName, ...(isRenamed && { to: name }) }),
    );
  }

  /** Its grants go with it. @throws {EngineError} `notFound` */
  remove(name: string, by: Actor): Promise<void> {
    return this.#records.remove(this.#name(name), this.#entry(by, 'team.delete', { team: name }));
  }

  /** @throws {EngineError} `notFound`; `conflict` for who is not in the organisation */
  addMember(name: string, user: string, by: Actor): Promise<void> {
    const entry = this.#entry(by, 'team.add-member', { team: name, user });
    return this.#records.addMember(this.#name(name), user, entry);
  }

  /** @throws {EngineError} `notFound` */
  removeMember(name: string, user: string, by: Actor): Promise<void> {
    const entry = this.#entry(by, 'team.remove-member', { team: name, user });
    return this.#records.removeMember(this.#name(name), user, entry);
  }

  #name(name: string): TeamName {
    return { organisationId: this.#organisation.id, name };
  }

  #entry(by: Actor, action: string, details: Readonly<Record<string, string>>): NewAuditEntry {
    const { id, name } = this.#organisation;
    return { actor: by, action, target: name, ownerId: id, details };
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
