import type { Audited } from '../audit.ts';
import type { NewOrganisation, OrganisationRecords } from '../organisations.ts';
import { insertAccount } from './accounts.ts';
import type { SqliteParts } from './parts.ts';

export class SqliteOrganisations implements OrganisationRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async create({ id, name, displayName, makerId }: NewOrganisation, audited: Audited): Promise<void> {
    const { database, audit, now } = this.#parts;
    database.transaction(() => {
      insertAccount(this.#parts, { id, name, kind: 'organisation', displayName });
      database.run("INSERT INTO member VALUES (?, ?, 'owner', ?)", id, makerId, now().toISOString());
      audit.write(audited, undefined);
    });
  }
}
