import type { Database } from '#state/database.ts';
import type { Settings } from '../api/administration.ts';

const defaults: Settings = {
  name: 'Hoist Hub',
  signUp: 'closed',
  anonymousPullsPerHour: 100,
  graceHours: 24,
};

/** What administrators set while the Hub runs. */
export class HubSettings {
  readonly #database: Database;
  #kept: { readonly text: string; readonly settings: Settings } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  get(): Settings {
    const row = this.#database.get<{ value: string }>("SELECT value FROM setting WHERE key = 'settings'");
    if (row === undefined) return defaults;
    if (this.#kept?.text !== row.value)
      this.#kept = { text: row.value, settings: JSON.parse(row.value) as Settings };
    return this.#kept.settings;
  }

  set(settings: Settings): void {
    this.#database.run("INSERT OR REPLACE INTO setting VALUES ('settings', ?)", JSON.stringify(settings));
  }
}
