import { createHash, randomBytes } from 'node:crypto';
import { conflict } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type { RecoveryCodes, SecondFactorOffer } from '../api/accounts.ts';
import type { ShownStep, UserRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { userEntry } from './account-record.ts';
import type { Attempts } from './attempts.ts';
import { ApiFailure } from './failure.ts';
import { base32, otpauthUri, stepOfCode } from './totp.ts';
import { program } from './users.ts';

const recoveryCodes = 10;

/** Codes from an app (TOTP), and ten recovery codes for who has lost it, each good once. */
export class SecondFactor {
  readonly #rooms: Pick<HubRooms, 'records' | 'now'>;
  readonly #attempts: Attempts;

  constructor(rooms: Pick<HubRooms, 'records' | 'now'>, attempts: Attempts) {
    this.#rooms = rooms;
    this.#attempts = attempts;
  }

  /** A new secret, not in use until a code of it has come. @throws {EngineError} `conflict` while one is in use */
  async begin(user: UserRecord): Promise<SecondFactorOffer> {
    const { records } = this.#rooms;
    const secret = randomBytes(20);
    if (!(await records.secondFactors.begin(user.id, secret)))
      throw conflict('there is a second factor: remove it first');
    const { name: issuer } = await records.settings.get();
    const uri = otpauthUri({ secret, issuer, account: user.name });
    return { secret: base32(secret), uri };
  }

  /** @returns the recovery codes, told this once. @throws {EngineError} `conflict`; {ApiFailure} for a wrong code */
  async confirm(user: UserRecord, code: string, by: Actor): Promise<RecoveryCodes> {
    if (user.secondFactor === undefined || user.secondFactor.confirmedAt !== undefined)
      throw conflict('no second factor has been begun');
    const attempt = await this.#attempts.secondFactor(user.name, by.address);
    const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
    const recoveryHashes = codes.map((each) => hashOf(user.id, each));
    const shown = this.#shownStep(user, code);
    try {
      const isTaken =
        shown !== undefined &&
        (await this.#rooms.records.secondFactors.confirm(
          user.id,
          { ...shown, recoveryHashes },
          userEntry(user, 'user.second-factor-on', by),
        ));
      if (!isTaken) {
        await attempt.failed();
        throw wrongCode();
      }
      await attempt.succeeded();
    } finally {
      await attempt.dropped();
    }
    return { codes };
  }

  /** Who calls it has asked for the password, or is the program. */
  remove(user: UserRecord, by: Actor = program): Promise<void> {
    return this.#rooms.records.secondFactors.remove(user.id, userEntry(user, 'user.second-factor-off', by));
  }

  /** Lets a user who has one pass with a code or a recovery code. @throws {ApiFailure}; {TooManyAttempts} */
  async check(user: UserRecord, code: string, address: string): Promise<void> {
    if (user.secondFactor?.confirmedAt === undefined) return;
    if (code === '')
      throw new ApiFailure(401, {
        message: 'a code of the second factor is needed',
        code: 'second-factor-required',
      });
    const attempt = await this.#attempts.secondFactor(user.name, address);
    const stranger: Actor = { kind: 'stranger', address };
    try {
      if ((await this.#takeStep(user, code)) || (await this.#takeRecoveryCode(user, code, stranger))) {
        await attempt.succeeded();
        return;
      }
      await attempt.failed();
    } finally {
      await attempt.dropped();
    }
    await this.#rooms.records.audit.add({
      ...userEntry(user, 'user.sign-in-failed', stranger),
      details: { secondFactor: true },
    });
    throw wrongCode();
  }

  /** Each step is taken once, whoever comes at the same time. */
  async #takeStep(user: UserRecord, code: string): Promise<boolean> {
    const shown = this.#shownStep(user, code);
    return shown !== undefined && (await this.#rooms.records.secondFactors.takeStep(user.id, shown));
  }

  #takeRecoveryCode(user: UserRecord, code: string, by: Actor): Promise<boolean> {
    return this.#rooms.records.secondFactors.takeRecoveryCode(
      user.id,
      hashOf(user.id, code),
      userEntry(user, 'user.recovery-code-used', by),
    );
  }

  /** The step that a code is of. */
  #shownStep({ secondFactor }: UserRecord, code: string): ShownStep | undefined {
    if (secondFactor === undefined) return undefined;
    const { secret, lastStep } = secondFactor;
    const step = stepOfCode(code.replaceAll(' ', ''), { secret, time: this.#rooms.now(), lastStep });
    return step === undefined ? undefined : { secret, step };
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
