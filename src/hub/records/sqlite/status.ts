import type { RecordCounts, StatusRecords } from '../status.ts';
import type { SqliteParts } from './parts.ts';

export class SqliteStatus implements StatusRecords {
  readonly #database: SqliteParts['database'];

  constructor({ database }: SqliteParts) {
    this.#database = database;
  }

  async counts(): Promise<RecordCounts> {
    const row = this.#database.get<RecordCounts>(
      `SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM repository) AS repositories,
              (SELECT count(*) FROM manifest_content) AS manifests, count(*) AS blobs,
              coalesce(sum(size), 0) AS bytes, count(bad_at) AS badBlobs
         FROM blob`,
    )!;
    return { ...row };
  }
}
