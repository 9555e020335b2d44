import { createHash, randomBytes } from 'node:crypto';
import { conflict } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type { RecoveryCodes, SecondFactorOffer } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import type { UserRow } from './account-record.ts';
import type { Attempts } from './attempts.ts';
import { ApiFailure } from './failure.ts';
import { base32, otpauthUri, stepOfCode } from './totp.ts';
import { program } from './users.ts';

const recoveryCodes = 10;

/** Codes from an app (TOTP), and ten recovery codes for who has lost it, each good once. */
export class SecondFactor {
  readonly #rooms: HubRooms;
  readonly #attempts: Attempts;

  constructor(rooms: HubRooms, attempts: Attempts) {
    this.#rooms = rooms;
    this.#attempts = attempts;
  }

  /** A new secret, not in use until a code of it has come. @throws {EngineError} `conflict` while one is in use */
  async begin(user: UserRow): Promise<SecondFactorOffer> {
    const { database, records } = this.#rooms;
    const secret = randomBytes(20);
    const begun = database.run(
      `UPDATE user SET totp_secret = ?, totp_last_step = 0 WHERE account_id = ? AND totp_confirmed_at IS NULL`,
      ...[secret, user.id],
    );
    if (begun === 0) throw conflict('there is a second factor: remove it first');
    const { name: issuer } = await records.settings.get();
    const uri = otpauthUri({ secret, issuer, account: user.name });
    return { secret: base32(secret), uri };
  }

  /** @returns the recovery codes, told this once. @throws {EngineError} `conflict`; {ApiFailure} for a wrong code */
  confirm(user: UserRow, code: string, by: Actor): RecoveryCodes {
    const { database, audit, now } = this.#rooms;
    if (user.totp_secret === null || user.totp_confirmed_at !== null)
      throw conflict('no second factor has been begun');
    const attempt = this.#attempts.secondFactor(user.name, by.address);
    if (!this.#takeStep(user, code)) {
      attempt.failed();
      throw wrongCode();
    }
    attempt.succeeded();
    const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
    database.transaction(() => {
      database.run(
        'UPDATE user SET totp_confirmed_at = ? WHERE account_id = ?',
        now().toISOString(),
        user.id,
      );
      database.run('DELETE FROM recovery_code WHERE user_id = ?', user.id);
      for (const each of codes)
        database.run('INSERT INTO recovery_code VALUES (?, ?)', user.id, hashOf(user.id, each));
      audit.add({ actor: by, action: 'user.second-factor-on', target: user.name, ownerId: user.id });
    });
    return { codes };
  }

  /** Who calls it has asked for the password, or is the program. */
  remove(user: UserRow, by: Actor = program): void {
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      database.run(
        'UPDATE user SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = 0 WHERE account_id = ?',
        user.id,
      );
      database.run('DELETE FROM recovery_code WHERE user_id = ?', user.id);
      if (user.totp_confirmed_at !== null)
        audit.add({ actor: by, action: 'user.second-factor-off', target: user.name, ownerId: user.id });
    });
  }

  /** Lets a user who has one pass with a code or a recovery code. @throws {ApiFailure}; {TooManyAttempts} */
  check(user: UserRow, code: string, address: string): void {
    if (user.totp_confirmed_at === null) return;
    if (code === '')
      throw new ApiFailure(401, {
        message: 'a code of the second factor is needed',
        code: 'second-factor-required',
      });
    const { audit } = this.#rooms;
    const attempt = this.#attempts.secondFactor(user.name, address);
    if (this.#takeStep(user, code) || this.#takeRecoveryCode(user, code, address)) {
      attempt.succeeded();
      return;
    }
    attempt.failed();
    audit.add({
      ...{ actor: { kind: 'stranger', address }, action: 'user.sign-in-failed', target: user.name },
      ...{ ownerId: user.id, details: { secondFactor: true } },
    });
    throw wrongCode();
  }

  /** Each step is taken once, whoever comes at the same time. */
  #takeStep(user: UserRow, code: string): boolean {
    const { database, now } = this.#rooms;
    const plain = code.replaceAll(' ', '');
    const step = stepOfCode(plain, {
      ...{ secret: user.totp_secret ?? new Uint8Array(), time: now(), lastStep: user.totp_last_step },
    });
    return (
      step !== undefined &&
      database.run(
        'UPDATE user SET totp_last_step = ?1 WHERE account_id = ?2 AND totp_last_step < ?1 AND totp_secret = ?3',
        ...[step, user.id, user.totp_secret],
      ) === 1
    );
  }

  #takeRecoveryCode(user: UserRow, code: string, address: string): boolean {
    const { database, audit } = this.#rooms;
    return database.transaction(() => {
      const hash = hashOf(user.id, code);
      if (database.run('DELETE FROM recovery_code WHERE user_id = ? AND hash = ?', user.id, hash) === 0)
        return false;
      const actor: Actor = { kind: 'stranger', address };
      audit.add({ actor, action: 'user.recovery-code-used', target: user.name, ownerId: user.id });
      return true;
    });
  }
}

const wrongCode = () =>
  new ApiFailure(401, { message: 'that code is not right', code: 'second-factor-invalid', field: 'code' });

/** 80 random bits: `abcd-efgh-ijkl-mnop`. */
const newRecoveryCode = (): string => base32(randomBytes(10)).toLowerCase().match(/.{4}/g)!.join('-');

/** However it is typed. */
function hashOf(userId: string, code: string): string {
  const plain = code.toLowerCase().replace(/[\s-]/g, '');
  return createHash('sha256').update(`${userId}\0${plain}`).digest('hex');
}
