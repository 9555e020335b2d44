import type { Database } from '#state/database.ts';
import type { WrongUsage } from '../checks.ts';

/** What accounts' private repositories hold, counted from what is there. */
const contentsSql = `
  SELECT r.owner_id, r.id AS repository_id, l.digest, b.size
    FROM repository r JOIN repository_blob l ON l.repository_id = r.id JOIN blob b ON b.digest = l.digest
   WHERE r.visibility = 'private'
  UNION
  SELECT r.owner_id, r.id, m.digest, c.size
    FROM repository r JOIN repository_manifest m ON m.repository_id = r.id
    JOIN manifest_content c ON c.digest = m.digest
   WHERE r.visibility = 'private'`;

const countedSql = `SELECT owner_id, digest, max(size) AS size, count(*) AS links FROM (${contentsSql}) GROUP BY owner_id, digest`;

interface UsageRow {
  readonly name: string;
  readonly private_repositories: number;
  readonly private_bytes: number;
  readonly repositories: number;
  readonly bytes: number;
}

/** One statement, and so one view of the records, that keeps no one from writing. */
export const wrongUsage = (database: Database): readonly WrongUsage[] =>
  database
    .all<UsageRow>(`
    WITH counted AS (${countedSql}),
         bytes AS (SELECT owner_id, sum(size) AS bytes FROM counted GROUP BY owner_id),
         repositories AS (SELECT owner_id, count(*) AS repositories FROM repository
                           WHERE visibility = 'private' GROUP BY owner_id),
         kept AS (SELECT owner_id, digest, size, links FROM owner_content),
         differing AS (SELECT owner_id FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
                       UNION SELECT owner_id FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted))
    SELECT a.name, a.private_repositories, a.private_bytes,
           coalesce(r.repositories, 0) AS repositories, coalesce(b.bytes, 0) AS bytes
      FROM account a LEFT JOIN bytes b ON b.owner_id = a.id LEFT JOIN repositories r ON r.owner_id = a.id
     WHERE a.private_bytes <> coalesce(b.bytes, 0) OR a.private_repositories <> coalesce(r.repositories, 0)
        OR a.id IN (SELECT owner_id FROM differing)
     ORDER BY a.name`)
    .map((row) => ({
      account: row.name,
      kept: { repositories: row.private_repositories, bytes: row.private_bytes },
      counted: { repositories: row.repositories, bytes: row.bytes },
    }));

/** Within a transaction. */
export function recountUsage(database: Database): void {
  database.run('DELETE FROM owner_content');
  database.run(`INSERT INTO owner_content ${countedSql}`);
  database.run(`UPDATE account SET
    private_bytes = coalesce((SELECT sum(size) FROM owner_content c WHERE c.owner_id = account.id), 0),
    private_repositories =
      (SELECT count(*) FROM repository r WHERE r.owner_id = account.id AND r.visibility = 'private')`);
}
