import type { Database } from '#state/database.ts';

const daysKept = 366;
const mostPending = 10_000;

interface Counted {
  readonly repositoryId: number;
  readonly day: string;
  pulls: number;
  /** The last one's time. */
  at: string;
}

/** Pulls of repositories by day, gathered in memory and written together. */
export class PullCounts {
  readonly #database: Database;
  readonly #now: () => Date;
  readonly #pending = new Map<string, Counted>();

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  add(repositoryId: number): void {
    const at = this.#now().toISOString();
    const day = at.slice(0, 10);
    const key = `${day} ${repositoryId}`;
    const counted = this.#pending.get(key);
    if (counted === undefined) {
      if (this.#pending.size >= mostPending) this.flush();
      this.#pending.set(key, { repositoryId, day, pulls: 1, at });
    } else {
      counted.pulls += 1;
      counted.at = at;
    }
  }

  /** Writes what was gathered, in one transaction; what fails is kept for the next time. */
  flush(): void {
    if (this.#pending.size === 0) return;
    this.#database.transaction(() => {
      for (const counted of this.#pending.values()) this.#write(counted);
    });
    this.#pending.clear();
  }

  #write({ repositoryId, day, pulls, at }: Counted): void {
    const updated = this.#database.run(
      'UPDATE repository SET pulls = pulls + ?, pulled_at = ? WHERE id = ?',
      pulls,
      at,
      repositoryId,
    );
    if (updated === 0) return; // deleted meanwhile
    this.#database.run(
      'INSERT INTO pull_day VALUES (?, ?, ?) ON CONFLICT (repository_id, day) DO UPDATE SET pulls = pulls + excluded.pulls',
      repositoryId,
      day,
      pulls,
    );
    const oldest = new Date(Date.parse(day) - daysKept * 86_400_000).toISOString().slice(0, 10);
    this.#database.run('DELETE FROM pull_day WHERE repository_id = ? AND day < ?', repositoryId, oldest);
  }
}
