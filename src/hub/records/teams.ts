import type { Team, TeamDetail } from '../api/accounts.ts';
import type { Audited } from './audit.ts';
import type { Viewer } from './viewer.ts';

export interface NewTeamRecord {
  readonly id: string;
  readonly organisationId: string;
  readonly name: string;
  readonly description: string;
}

/** One by its name within its organisation. */
export interface TeamName {
  readonly organisationId: string;
  readonly name: string;
}

/** Organisations' teams: what repositories are granted to. Repositories are counted and listed as the viewer sees them. */
export interface TeamRecords {
  /** By name. */
  list(organisationId: string, viewer: Viewer): Promise<readonly Team[]>;
  /** People and grants by name. */
  find(team: TeamName, viewer: Viewer): Promise<TeamDetail | undefined>;
  /** @throws {EngineError} `notFound` without such an organisation; `conflict` when it has one of the name */
  create(team: NewTeamRecord, audited: Audited): Promise<void>;
  /** What is absent stays as it is. @throws {EngineError} `notFound`; `conflict` when the organisation has one of the new name */
  change(
    team: TeamName,
    change: { readonly name?: string | undefined; readonly description?: string | undefined },
    audited: Audited,
  ): Promise<void>;
  /** Its grants go with it. @throws {EngineError} `notFound` */
  remove(team: TeamName, audited: Audited): Promise<void>;
  /** Also who is in it already. @throws {EngineError} `notFound`; `conflict` for who is not in the organisation */
  addMember(team: TeamName, userName: string, audited: Audited): Promise<void>;
  /** @throws {EngineError} `notFound` without the team, or for who is not in it */
  removeMember(team: TeamName, userName: string, audited: Audited): Promise<void>;
}
