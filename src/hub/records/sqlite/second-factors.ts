import type { Audited } from '../audit.ts';
import type { SecondFactorRecords, ShownStep } from '../second-factors.ts';
import type { SqliteParts } from './parts.ts';

export class SqliteSecondFactors implements SecondFactorRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async begin(userId: string, secret: Uint8Array): Promise<boolean> {
    const begun = this.#parts.database.run(
      'UPDATE user SET totp_secret = ?, totp_last_step = 0 WHERE account_id = ? AND totp_confirmed_at IS NULL',
      ...[secret, userId],
    );
    return begun > 0;
  }

  async confirm(
    userId: string,
    { recoveryHashes, ...shown }: ShownStep & { readonly recoveryHashes: readonly string[] },
    audited: Audited,
  ): Promise<boolean> {
    const { database, audit, now } = this.#parts;
    return database.transaction(() => {
      const isBegun = database.get(
        'SELECT 1 FROM user WHERE account_id = ? AND totp_confirmed_at IS NULL',
        userId,
      );
      if (isBegun === undefined || !this.#take(userId, shown)) return false;
      database.run('UPDATE user SET totp_confirmed_at = ? WHERE account_id = ?', now().toISOString(), userId);
      database.run('DELETE FROM recovery_code WHERE user_id = ?', userId);
      for (const hash of recoveryHashes)
        database.run('INSERT INTO recovery_code VALUES (?, ?)', userId, hash);
      audit.write(audited, undefined);
      return true;
    });
  }

  async takeStep(userId: string, shown: ShownStep): Promise<boolean> {
    return this.#take(userId, shown);
  }

  async takeRecoveryCode(userId: string, hash: string, audited: Audited): Promise<boolean> {
    const { database, audit } = this.#parts;
    return database.transaction(() => {
      if (database.run('DELETE FROM recovery_code WHERE user_id = ? AND hash = ?', userId, hash) === 0)
        return false;
      audit.write(audited, undefined);
      return true;
    });
  }

  async remove(userId: string, audited: Audited): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const used = database.get(
        'SELECT 1 FROM user WHERE account_id = ? AND totp_confirmed_at IS NOT NULL',
        userId,
      );
      database.run(
        'UPDATE user SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = 0 WHERE account_id = ?',
        userId,
      );
      database.run('DELETE FROM recovery_code WHERE user_id = ?', userId);
      if (used !== undefined) audit.write(audited, undefined);
    });
  }

  #take(userId: string, { secret, step }: ShownStep): boolean {
    const taken = this.#parts.database.run(
      'UPDATE user SET totp_last_step = ?1 WHERE account_id = ?2 AND totp_last_step < ?1 AND totp_secret = ?3',
      ...[step, userId, secret],
    );
    return taken > 0;
  }
}
