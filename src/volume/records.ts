import type { Database } from '#state/database.ts';
import type { LocalOptions } from './local-options.ts';

/** What is known of a named volume; its files are where its name says. */
export interface VolumeRecord {
  readonly name: string;
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: LocalOptions;
}

/** The rows of the table `volume`. */
export class VolumeRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All, by name. */
  list(): readonly VolumeRecord[] {
    const rows = this.#database.all<{ record: string }>('SELECT record FROM volume ORDER BY name');
    return rows.map(({ record }) => JSON.parse(record) as VolumeRecord);
  }

  find(name: string): VolumeRecord | undefined {
    const row = this.#database.get<{ record: string }>('SELECT record FROM volume WHERE name = ?', name);
    return row === undefined ? undefined : (JSON.parse(row.record) as VolumeRecord);
  }

  insert(record: VolumeRecord): void {
    this.#database.run(
      'INSERT INTO volume (name, driver, created_at, record) VALUES (?, ?, ?, ?)',
      record.name,
      'local',
      record.createdAt,
      JSON.stringify(record),
    );
  }

  delete(name: string): void {
    this.#database.run('DELETE FROM volume WHERE name = ?', name);
  }
}
