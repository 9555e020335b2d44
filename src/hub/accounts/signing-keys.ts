import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { SigningKeyRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { newRecordId } from './secrets.ts';

interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly createdAt: number;
}

/** Short, for the records of each backup have the key: who comes by one can sign with it for so long. */
const keyAge = 24 * 60 * 60 * 1000;
/** How long what a key signed last may be shown: more than any token lives. */
const verifiesFor = 60 * 60 * 1000;

/** The keys that registry tokens are signed with: a new one each day, the old ones until their last token has expired. */
export class SigningKeys {
  readonly #records: HubRooms['records']['signingKeys'];
  readonly #now: () => Date;
  #current: SigningKey | undefined;
  readonly #public = new Map<string, { readonly key: KeyObject; readonly until: number }>();

  constructor({ records, now }: HubRooms) {
    this.#records = records.signingKeys;
    this.#now = now;
  }

  /** To sign with now. */
  async current(): Promise<SigningKey> {
    if (this.#current === undefined || this.#now().getTime() - this.#current.createdAt >= keyAge) {
      this.#current = keyOf((await this.#records.current(this.#ago(keyAge))) ?? (await this.#rotated()));
      this.#public.clear();
    }
    return this.#current;
  }

  /** To verify with; undefined for what is none of ours, or too old to have signed what still lasts, whether it is retired or not. */
  async publicKey(id: string): Promise<KeyObject | undefined> {
    const known = this.#public.get(id) ?? (await this.#found(id));
    return known !== undefined && this.#now().getTime() < known.until ? known.key : undefined;
  }

  async #found(id: string) {
    const record = await this.#records.find(id);
    if (record === undefined) return undefined;
    const until = Date.parse(record.createdAt) + keyAge + verifiesFor;
    const found = { key: createPublicKey(record.privateKey), until };
    this.#public.set(id, found);
    return found;
  }

  /** A new one, or the one that another process has just made. The others are retired, and removed when over. */
  #rotated(): Promise<SigningKeyRecord> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    return this.#records.rotate(
      { id: newRecordId(), privateKey: pem },
      { madeAfter: this.#ago(keyAge), dropBefore: this.#ago(verifiesFor) },
    );
  }

  #ago(milliseconds: number): string {
    return new Date(this.#now().getTime() - milliseconds).toISOString();
  }
}

const keyOf = ({ id, privateKey, createdAt }: SigningKeyRecord): SigningKey => ({
  ...{ id, privateKey: createPrivateKey(privateKey), createdAt: Date.parse(createdAt) },
});
