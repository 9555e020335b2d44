import type { CredentialHolder, CredentialRecords, CredentialUse } from '../credentials.ts';
import type { SqliteParts } from './parts.ts';

interface HolderRow {
  readonly name: string;
  readonly is_admin: number;
  readonly is_live: number;
}

const liveProof: Readonly<Record<CredentialUse['by'], string>> = {
  password: 'u.password_changed_at = ?2',
  'access-token':
    'EXISTS (SELECT 1 FROM access_token t WHERE t.id = ?2 AND t.user_id = ?1 AND (t.expires_at IS NULL OR t.expires_at > ?3))',
  'refresh-token': `EXISTS (SELECT 1 FROM refresh_token t LEFT JOIN access_token f ON f.id = t.access_token_id
     WHERE t.id = ?2 AND t.user_id = ?1 AND t.expires_at > ?3 AND (f.expires_at IS NULL OR f.expires_at > ?3))`,
};

const holderSql = (by: CredentialUse['by']): string =>
  `SELECT a.name, u.is_admin, u.disabled_at IS NULL AND ${liveProof[by]} AS is_live
     FROM user u JOIN account a ON a.id = u.account_id WHERE u.account_id = ?1`;

/** One lookup by keys for each kind. */
const holderBy: Readonly<Record<CredentialUse['by'], string>> = {
  password: holderSql('password'),
  'access-token': holderSql('access-token'),
  'refresh-token': holderSql('refresh-token'),
};

export class SqliteCredentials implements CredentialRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async holder({ userId, by, proof }: CredentialUse): Promise<CredentialHolder | undefined> {
    const { database, now } = this.#parts;
    const row = database.get<HolderRow>(
      holderBy[by],
      ...(by === 'password' ? [userId, proof] : [userId, proof, now().toISOString()]),
    );
    return row?.is_live === 1 ? { name: row.name, isAdmin: row.is_admin === 1 } : undefined;
  }
}
