import type { SigningKeyRecord, SigningKeyRecords } from '../signing-keys.ts';
import type { SqliteParts } from './parts.ts';

interface KeyRow {
  readonly id: string;
  readonly private_key: string;
  readonly created_at: string;
  readonly retired_at: string | null;
}

export class SqliteSigningKeys implements SigningKeyRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async find(id: string): Promise<SigningKeyRecord | undefined> {
    const row = this.#parts.database.get<KeyRow>('SELECT * FROM signing_key WHERE id = ?', id);
    return row && keyOf(row);
  }

  async current(madeAfter: string): Promise<SigningKeyRecord | undefined> {
    return this.#current(madeAfter);
  }

  async rotate(
    { id, privateKey }: { readonly id: string; readonly privateKey: string },
    { madeAfter, dropBefore }: { readonly madeAfter: string; readonly dropBefore: string },
  ): Promise<SigningKeyRecord> {
    const { database, now } = this.#parts;
    return database.transaction(() => {
      const young = this.#current(madeAfter);
      if (young !== undefined) return young;
      const at = now().toISOString();
      database.run('UPDATE signing_key SET retired_at = ? WHERE retired_at IS NULL', at);
      database.run('DELETE FROM signing_key WHERE retired_at < ?', dropBefore);
      database.run(
        'INSERT INTO signing_key (id, private_key, created_at) VALUES (?, ?, ?)',
        ...[id, privateKey, at],
      );
      return { id, privateKey, createdAt: at };
    });
  }

  #current(madeAfter: string): SigningKeyRecord | undefined {
    const row = this.#parts.database.get<KeyRow>(
      `SELECT * FROM signing_key WHERE retired_at IS NULL AND created_at > ?
        ORDER BY created_at DESC, id LIMIT 1`,
      madeAfter,
    );
    return row && keyOf(row);
  }
}

const keyOf = (row: KeyRow): SigningKeyRecord => ({
  ...{ id: row.id, privateKey: row.private_key, createdAt: row.created_at },
  ...(row.retired_at !== null && { retiredAt: row.retired_at }),
});
