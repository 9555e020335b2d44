import { unauthorized } from '#base/errors.ts';
import type { RefreshTokenRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { userEntry } from './account-record.ts';
import type { Proof } from './credentials.ts';
import { isSecret, newRecordId, newSecret, secretHash } from './secrets.ts';

const day = 24 * 60 * 60 * 1000;
/** Without a use for so long it ends. */
const idle = 90 * day;
/** How long a use may go unwritten after another. */
const useStep = 600_000;
/** A user's; the longest unused goes when there would be more. */
const most = 100;

export const signInEnded = () => unauthorized('the sign-in has ended: sign in again');

/**
 * Registry sign-ins: what `docker login` keeps in place of the password (an identity token). Good for nothing but registry
 * tokens, and revoked by itself, with the access token that it was given for, or by a new password.
 */
export class RefreshTokens {
  readonly #records: HubRooms['records']['refreshTokens'];
  readonly #now: () => Date;

  constructor({ records, now }: HubRooms) {
    this.#records = records.refreshTokens;
    this.#now = now;
  }

  /**
   * @param proof who signs in, by a password or an access token
   * @returns the secret, told this once
   * @throws {EngineError} `unauthorized` when what it was proved by is gone by now
   */
  async create({ user, actor, via, accessTokenId }: Proof, client: string, address: string): Promise<string> {
    const secret = newSecret('hhr_');
    const isMade = await this.#records.create(
      {
        ...{ id: newRecordId(), hash: secretHash(secret), userId: user.id, accessTokenId },
        ...(via === 'password' && { passwordChangedAt: user.passwordChangedAt }),
        ...{ client: client.slice(0, 200), expiresAt: this.#end(), address },
      },
      most,
      {
        ...userEntry(user, 'user.sign-in', actor),
        details: { for: 'registry', by: via },
      },
    );
    if (!isMade) throw signInEnded();
    return secret;
  }

  /** That of a secret which is good now. */
  async find(secret: string): Promise<RefreshTokenRecord | undefined> {
    return isSecret('hhr_', secret) ? this.#records.find(secretHash(secret)) : undefined;
  }

  /** Notes a use, at most once in ten minutes; its end moves on. */
  async used({ id, seenAt }: RefreshTokenRecord, address: string): Promise<void> {
    if (this.#now().getTime() - Date.parse(seenAt) < useStep) return;
    await this.#records.used(id, { address, expiresAt: this.#end() });
  }

  #end(): string {
    return new Date(this.#now().getTime() + idle).toISOString();
  }
}
