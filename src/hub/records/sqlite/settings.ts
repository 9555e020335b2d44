import type { Collected, Settings } from '../../api/administration.ts';
import type { Audited } from '../audit.ts';
import { defaultSettings, type SettingsRecords } from '../settings.ts';
import type { SqliteParts } from './parts.ts';

export class SqliteSettings implements SettingsRecords {
  readonly #parts: SqliteParts;
  #kept: { readonly text: string; readonly settings: Settings } | undefined;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async get(): Promise<Settings> {
    return this.#get();
  }

  async change(next: (before: Settings) => Settings, audited: Audited<Settings>): Promise<Settings> {
    const { database, audit } = this.#parts;
    return database.transaction(() => {
      const after = next(this.#get());
      this.#set('settings', after);
      audit.write(audited, after);
      return after;
    });
  }

  async lastCollection(): Promise<Collected | undefined> {
    const text = this.#text('last-collection');
    return text === undefined ? undefined : (JSON.parse(text) as Collected);
  }

  async setLastCollection(collected: Collected): Promise<void> {
    this.#set('last-collection', collected);
  }

  /** Read each time, for it is set while the Hub runs, and parsed when it is another. */
  #get(): Settings {
    const text = this.#text('settings');
    if (text === undefined) return defaultSettings;
    if (this.#kept?.text !== text) this.#kept = { text, settings: JSON.parse(text) as Settings };
    return this.#kept.settings;
  }

  #text(key: 'settings' | 'last-collection'): string | undefined {
    const sql = 'SELECT value FROM setting WHERE key = ?';
    return this.#parts.database.get<{ value: string }>(sql, key)?.value;
  }

  #set(key: 'settings' | 'last-collection', value: Settings | Collected): void {
    this.#parts.database.run('INSERT OR REPLACE INTO setting VALUES (?, ?)', key, JSON.stringify(value));
  }
}
