import type { PullDay } from '../../api/repositories.ts';
import type { CountedPulls, PullRecords } from '../pulls.ts';
import type { SqliteParts } from './parts.ts';

const daysKept = 366;

export class SqlitePulls implements PullRecords {
  readonly #database: SqliteParts['database'];

  constructor({ database }: SqliteParts) {
    this.#database = database;
  }

  async add(batch: readonly CountedPulls[]): Promise<void> {
    this.#database.transaction(() => {
      for (const counted of batch) this.#add(counted);
    });
  }

  async byDay(repositoryId: number, from: string): Promise<readonly PullDay[]> {
    return this.#database
      .all<PullDay>(
        'SELECT day, pulls FROM pull_day WHERE repository_id = ? AND day >= ? ORDER BY day',
        ...[repositoryId, from],
      )
      .map((row) => ({ ...row }));
  }

  #add({ repositoryId, day, pulls, at }: CountedPulls): void {
    const updated = this.#database.run(
      "UPDATE repository SET pulls = pulls + ?1, pulled_at = max(coalesce(pulled_at, ''), ?2) WHERE id = ?3",
      ...[pulls, at, repositoryId],
    );
    if (updated === 0) return; // deleted meanwhile
    this.#database.run(
      'INSERT INTO pull_day VALUES (?, ?, ?) ON CONFLICT (repository_id, day) DO UPDATE SET pulls = pulls + excluded.pulls',
      ...[repositoryId, day, pulls],
    );
    const oldest = new Date(Date.parse(day) - daysKept * 86_400_000).toISOString().slice(0, 10);
    this.#database.run('DELETE FROM pull_day WHERE repository_id = ? AND day < ?', repositoryId, oldest);
  }
}
