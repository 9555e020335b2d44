import type { Digest } from '#oci/digest.ts';
import type {
  BlobRecord,
  BlobVerdict,
  CheckRecords,
  ManifestContent,
  MissingLink,
  RecordProblem,
  WrongStars,
  WrongUsage,
} from '../checks.ts';
import type { Walk } from '../collection.ts';
import { missingLinks, relink } from './check-links.ts';
import { recountUsage, wrongUsage } from './check-usage.ts';
import { pages } from './pages.ts';
import type { SqliteParts } from './parts.ts';

interface BlobRow {
  readonly digest: Digest;
  readonly size: number;
  readonly created_at: string;
  readonly checked_at: string | null;
  readonly bad_at: string | null;
  readonly due: number;
}

/** Of a blob `?1` that a walk saw with `?2` and `?3`: one that is bad by another reading is as bad. */
const standing: Readonly<Record<BlobVerdict, string>> = {
  right: 'digest = ?1 AND created_at = ?2 AND bad_at IS ?3',
  bad: 'digest = ?1 AND created_at = ?2 AND (bad_at IS ?3 OR bad_at IS NOT NULL)',
};

const countedStars = '(SELECT count(*) FROM star s WHERE s.repository_id = r.id)';

export class SqliteChecks implements CheckRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  /** SQLite's own check of the file, and of what refers to what. */
  async integrity(): Promise<readonly RecordProblem[]> {
    const { database } = this.#parts;
    const lines = database.all<{ integrity_check: string }>('PRAGMA integrity_check');
    const broken = database.all<{ table: string; rowid: number | null; parent: string }>(
      'PRAGMA foreign_key_check',
    );
    return [
      ...lines
        .filter(({ integrity_check: problem }) => problem !== 'ok')
        .map(({ integrity_check: problem }) => ({ subject: 'hub.db', problem })),
      ...broken.map(({ table, rowid, parent }) => ({
        subject: rowid === null ? table : `${table}, row ${rowid}`,
        problem: `refers to a row of ${parent} that is not there`,
      })),
    ];
  }

  async *blobs({
    unreadSince = '9',
    signal,
  }: Walk & { readonly unreadSince?: string | undefined } = {}): AsyncGenerator<BlobRecord> {
    const rows = pages<BlobRow>(
      this.#parts.database,
      `SELECT *, checked_at IS NULL OR checked_at < ?2 AS due FROM blob WHERE digest > ?1 ORDER BY digest`,
      { from: ['', unreadSince], keyOf: ({ digest }) => [digest, unreadSince], signal },
    );
    for await (const batch of rows) for (const row of batch) if (row.due === 1) yield blobOf(row);
  }

  async stands({ digest, createdAt, badAt }: BlobRecord, verdict: BlobVerdict): Promise<boolean> {
    const sql = `SELECT 1 FROM blob WHERE ${standing[verdict]}`;
    return this.#parts.database.get(sql, digest, createdAt, badAt ?? null) !== undefined;
  }

  async judge(
    { digest, createdAt, badAt }: BlobRecord,
    verdict: BlobVerdict,
    { wasRead = false }: { readonly wasRead?: boolean } = {},
  ): Promise<boolean> {
    const { database, now } = this.#parts;
    const sql = `UPDATE blob SET bad_at = iif(?5, coalesce(bad_at, ?4), NULL), checked_at = iif(?6, ?4, checked_at)
      WHERE ${standing[verdict]}`;
    const values = [digest, createdAt, badAt ?? null, now().toISOString()];
    return database.run(sql, ...values, verdict === 'bad' ? 1 : 0, wasRead ? 1 : 0) > 0;
  }

  async *manifests({ signal }: Walk = {}): AsyncGenerator<ManifestContent> {
    const { database } = this.#parts;
    const rows = pages<{ readonly digest: string }>(
      database,
      'SELECT digest FROM manifest_content WHERE digest > ? ORDER BY digest',
      { from: [''], keyOf: ({ digest }) => [digest], signal },
    );
    // one at a time: a batch of the longest would be a gigabyte
    for await (const batch of rows)
      for (const { digest } of batch) {
        const sql = 'SELECT digest, size, bytes FROM manifest_content WHERE digest = ?';
        const content = database.get<ManifestContent>(sql, digest);
        if (content !== undefined) yield { ...content };
      }
  }

  missingLinks(options: Walk = {}): AsyncGenerator<MissingLink> {
    return missingLinks(this.#parts, options);
  }

  async relink(link: MissingLink): Promise<boolean> {
    return relink(this.#parts, link);
  }

  async wrongUsage(): Promise<readonly WrongUsage[]> {
    return wrongUsage(this.#parts.database);
  }

  async recountUsage(): Promise<void> {
    const { database } = this.#parts;
    database.transaction(() => recountUsage(database));
  }

  async wrongStars(): Promise<readonly WrongStars[]> {
    const sql = `SELECT r.full_name AS repository, r.stars AS kept, ${countedStars} AS counted
      FROM repository r WHERE r.stars <> ${countedStars} ORDER BY r.full_name`;
    return this.#parts.database.all<WrongStars>(sql).map((row) => ({ ...row }));
  }

  async recountStars(): Promise<void> {
    this.#parts.database.run(
      `UPDATE repository AS r SET stars = ${countedStars} WHERE stars <> ${countedStars}`,
    );
  }
}

const blobOf = (row: BlobRow): BlobRecord => ({
  ...{ digest: row.digest, size: row.size, createdAt: row.created_at },
  ...(row.checked_at !== null && { checkedAt: row.checked_at }),
  ...(row.bad_at !== null && { badAt: row.bad_at }),
});
