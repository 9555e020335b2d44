import { conflict } from '#base/errors.ts';
import type { SqliteParts } from './parts.ts';

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
  if (database.get('SELECT 1 FROM account WHERE name = ?', name) !== undefined)
    throw conflict(`the name ${name} is taken`);
  database.run(
    `INSERT INTO account (id, name, kind, display_name, plan_id, created_at)
       VALUES (?, ?, ?, ?, (SELECT id FROM plan ORDER BY is_default DESC, position LIMIT 1), ?)`,
    ...[id, name, kind, displayName, now().toISOString()],
  );
}
