import type { Audited } from './audit.ts';

export interface NewOrganisation {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  /** Its first owner. */
  readonly makerId: string;
}

export interface OrganisationRecords {
  /** @throws {EngineError} `conflict` when the name is taken */
  create(organisation: NewOrganisation, audited: Audited): Promise<void>;
}
