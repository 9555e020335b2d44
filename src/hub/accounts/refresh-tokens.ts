import type { Level } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import type { Proof } from './credentials.ts';
import { isSecret, newRecordId, newSecret, secretHash } from './secrets.ts';

export interface RefreshTokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly access_token_id: string | null;
  readonly client: string;
  readonly created_at: string;
  readonly seen_at: string;
  readonly expires_at: string;
  readonly address: string;
  /** Of the access token that it was given for. */
  readonly scope: Level | null;
}

const day = 24 * 60 * 60 * 1000;
/** Without a use for so long it ends. */
const idle = 90 * day;
/** A user's; the longest unused goes when there would be more. */
const most = 100;

/**
 * Registry sign-ins: what `docker login` keeps in place of the password (an identity token). Good for nothing but registry
 * tokens, and revoked by itself, with the access token that it was given for, or by a new password.
 */
export class RefreshTokens {
  readonly #rooms: HubRooms;

  constructor(rooms: HubRooms) {
    this.#rooms = rooms;
  }

  /** @param proof who signs in, by a password or an access token. @returns the secret, told this once */
  create(proof: Proof, client: string, address: string): string {
    const { database, audit } = this.#rooms;
    const secret = newSecret('hhr_');
    const at = this.#rooms.now();
    const { user } = proof;
    database.transaction(() => {
      database.run(
        `DELETE FROM refresh_token WHERE expires_at <= ?1 OR (user_id = ?2 AND id IN
           (SELECT id FROM refresh_token WHERE user_id = ?2 ORDER BY seen_at DESC LIMIT -1 OFFSET ?3))`,
        ...[at.toISOString(), user.id, most - 1],
      );
      database.run(
        `INSERT INTO refresh_token (id, hash, user_id, access_token_id, client, created_at, seen_at, expires_at, address)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)`,
        ...[newRecordId(), secretHash(secret), user.id, proof.accessTokenId ?? null],
        ...[client.slice(0, 200), at.toISOString(), later(at, idle), address],
      );
      const details = { for: 'registry', by: proof.via };
      audit.add({ actor: proof.actor, action: 'user.sign-in', target: user.name, ownerId: user.id, details });
    });
    return secret;
  }

  /** That of a secret which is good now. */
  find(secret: string): RefreshTokenRow | undefined {
    if (!isSecret('hhr_', secret)) return undefined;
    return this.#rooms.database.get<RefreshTokenRow>(
      `SELECT r.*, t.scope FROM refresh_token r LEFT JOIN access_token t ON t.id = r.access_token_id
        WHERE r.hash = ?1 AND r.expires_at > ?2 AND (t.expires_at IS NULL OR t.expires_at > ?2)`,
      secretHash(secret),
      this.#rooms.now().toISOString(),
    );
  }

  /** Notes a use, at most once in ten minutes; its end moves on. */
  used(token: RefreshTokenRow, address: string): void {
    const at = this.#rooms.now();
    if (at.getTime() - Date.parse(token.seen_at) < 600_000) return;
    this.#rooms.database.run(
      'UPDATE refresh_token SET seen_at = ?, expires_at = ?, address = ? WHERE id = ?',
      ...[at.toISOString(), later(at, idle), address, token.id],
    );
  }
}

const later = (at: Date, milliseconds: number): string => new Date(at.getTime() + milliseconds).toISOString();
