import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { HubRooms } from '../rooms.ts';
import { newRecordId } from './secrets.ts';

interface KeyRow {
  readonly id: string;
  readonly private_key: string;
  readonly created_at: string;
  readonly retired_at: string | null;
}

interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly createdAt: number;
}

const keyAge = 30 * 24 * 60 * 60 * 1000;
/** How long what a key signed last may be shown: more than any token lives. */
const verifiesFor = 60 * 60 * 1000;

/** The keys that registry tokens are signed with: a new one each thirty days, the old ones until their last token has expired. */
export class SigningKeys {
  readonly #rooms: HubRooms;
  #current: SigningKey | undefined;
  readonly #public = new Map<string, KeyObject>();

  constructor(rooms: HubRooms) {
    this.#rooms = rooms;
  }

  /** To sign with now. */
  current(): SigningKey {
    const now = this.#rooms.now().getTime();
    if (this.#current === undefined || now - this.#current.createdAt >= keyAge)
      this.#current = this.#rotated(now);
    return this.#current;
  }

  /** To verify with; undefined for what is none of ours, or retired for long. */
  publicKey(id: string): KeyObject | undefined {
    const known = this.#public.get(id);
    if (known !== undefined) return known;
    const row = this.#rooms.database.get<KeyRow>('SELECT * FROM signing_key WHERE id = ?', id);
    if (row === undefined || this.#isOver(row)) return undefined;
    const key = createPublicKey(row.private_key);
    this.#public.set(id, key);
    return key;
  }

  #isOver({ retired_at: at }: KeyRow): boolean {
    return at !== null && Date.parse(at) + verifiesFor < this.#rooms.now().getTime();
  }

  /** The newest that is young enough, made when there is none; the rest is retired, and removed when over. */
  #rotated(now: number): SigningKey {
    const { database } = this.#rooms;
    return database.transaction(() => {
      const newest = database.get<KeyRow>(
        'SELECT * FROM signing_key WHERE retired_at IS NULL ORDER BY created_at DESC, id LIMIT 1',
      );
      if (newest !== undefined && now - Date.parse(newest.created_at) < keyAge) return keyOf(newest);
      const at = new Date(now).toISOString();
      database.run('UPDATE signing_key SET retired_at = ? WHERE retired_at IS NULL', at);
      for (const old of database.all<KeyRow>('SELECT * FROM signing_key')) {
        if (!this.#isOver(old)) continue;
        database.run('DELETE FROM signing_key WHERE id = ?', old.id);
        this.#public.delete(old.id);
      }
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const row: KeyRow = {
        id: newRecordId(),
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
        created_at: at,
        retired_at: null,
      };
      database.run(
        'INSERT INTO signing_key (id, private_key, created_at) VALUES (?, ?, ?)',
        row.id,
        row.private_key,
        at,
      );
      return keyOf(row);
    });
  }
}

const keyOf = (row: KeyRow): SigningKey => ({
  id: row.id,
  privateKey: createPrivateKey(row.private_key),
  createdAt: Date.parse(row.created_at),
});
