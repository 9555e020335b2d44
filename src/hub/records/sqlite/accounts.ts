import { conflict } from '#base/errors.ts';
import type { Visibility } from '../../api/accounts.ts';
import type { AdminAccount } from '../../api/administration.ts';
import type { AccountRecord, AccountRecords } from '../accounts.ts';
import type { SqliteParts } from './parts.ts';
import { type PlanRow, planColumns, planOf } from './plan-row.ts';

interface AdminAccountRow extends PlanRow {
  readonly account_name: string;
  readonly kind: AdminAccount['kind'];
  readonly display_name: string;
  readonly email: string | null;
  readonly is_admin: number | null;
  readonly disabled_at: string | null;
  readonly totp_confirmed_at: string | null;
  readonly has_repositories: number;
  readonly has_bytes: number;
  readonly created_at: string;
}

const adminColumns = `a.name AS account_name, a.kind, a.display_name, u.email, u.is_admin, u.disabled_at, u.totp_confirmed_at,
  a.private_repositories AS has_repositories, a.private_bytes AS has_bytes, a.created_at, ${planColumns}`;
const adminTables = 'account a JOIN plan p ON p.id = a.plan_id LEFT JOIN user u ON u.account_id = a.id';

export class SqliteAccounts implements AccountRecords {
  readonly #database: SqliteParts['database'];

  constructor({ database }: SqliteParts) {
    this.#database = database;
  }

  async find(name: string): Promise<AccountRecord | undefined> {
    const row = this.#database.get<AccountRecord>(
      `SELECT id, name, kind, display_name AS displayName, default_visibility AS defaultVisibility,
              created_at AS createdAt FROM account WHERE name = ?`,
      name,
    );
    return row && { ...row };
  }

  async forAdministrators(name: string): Promise<AdminAccount | undefined> {
    const sql = `SELECT ${adminColumns} FROM ${adminTables} WHERE a.name = ?`;
    const row = this.#database.get<AdminAccountRow>(sql, name);
    return row && adminAccountOf(row);
  }

  async listForAdministrators({
    text,
    offset,
    size,
  }: {
    readonly text: string;
    readonly offset: number;
    readonly size: number;
  }): Promise<{ readonly items: readonly AdminAccount[]; readonly total: number }> {
    const from = `FROM ${adminTables}
      WHERE ?1 = '' OR instr(a.name, lower(?1)) > 0 OR instr(lower(a.display_name), lower(?1)) > 0
         OR instr(lower(coalesce(u.email, '')), lower(?1)) > 0`;
    const sql = `SELECT ${adminColumns} ${from} ORDER BY a.name LIMIT ?2 OFFSET ?3`;
    const rows = this.#database.all<AdminAccountRow>(sql, text, size, offset);
    const { total } = this.#database.get<{ total: number }>(`SELECT count(*) AS total ${from}`, text)!;
    return { items: rows.map(adminAccountOf), total };
  }
}

const adminAccountOf = (row: AdminAccountRow): AdminAccount => ({
  ...{ name: row.account_name, kind: row.kind, displayName: row.display_name, email: row.email ?? '' },
  isAdmin: row.is_admin === 1,
  isDisabled: row.disabled_at !== null,
  hasSecondFactor: row.totp_confirmed_at !== null,
  plan: planOf(row),
  privateRepositories: row.has_repositories,
  privateBytes: row.has_bytes,
  createdAt: row.created_at,
});

/** Within a transaction. @throws {EngineError} `conflict` when an account has the name */
export function insertAccount(
  { database, now }: Pick<SqliteParts, 'database' | 'now'>,
  account: {
    readonly id: string;
    readonly name: string;
    readonly kind: 'user' | 'organisation';
    readonly displayName?: string;
  },
): void {
  const { id, name, kind, displayName = '' } = account;
  checkNameFree({ database }, name);
  database.run(
    `INSERT INTO account (id, name, kind, display_name, plan_id, created_at)
       VALUES (?, ?, ?, ?, (SELECT id FROM plan ORDER BY is_default DESC, position LIMIT 1), ?)`,
    ...[id, name, kind, displayName, now().toISOString()],
  );
}

/** Users and organisations share the names. @throws {EngineError} `conflict` */
export function checkNameFree({ database }: Pick<SqliteParts, 'database'>, name: string): void {
  if (database.get('SELECT 1 FROM account WHERE name = ?', name) !== undefined)
    throw conflict(`the name ${name} is taken`);
}

/** What is absent stays as it is. */
export function describeAccount(
  { database }: Pick<SqliteParts, 'database'>,
  id: string,
  change: {
    readonly displayName?: string | undefined;
    readonly defaultVisibility?: Visibility | undefined;
  },
): void {
  database.run(
    `UPDATE account SET display_name = coalesce(?, display_name), default_visibility = coalesce(?, default_visibility)
      WHERE id = ?`,
    ...[change.displayName ?? null, change.defaultVisibility ?? null, id],
  );
}
