import type { Audited } from './audit.ts';

/** A time step of an authenticator's secret (RFC 6238), whose code has been shown. */
export interface ShownStep {
  readonly secret: Uint8Array;
  readonly step: number;
}

/** Users' second factors. One is in use once it is confirmed. Each step is taken once, and so is each recovery code, whoever comes at the same time. */
export interface SecondFactorRecords {
  /** A new secret in place of one that was not confirmed. @returns false when one is in use */
  begin(userId: string, secret: Uint8Array): Promise<boolean>;
  /**
   * Takes the step, and the secret is in use from then on, with these recovery codes.
   *
   * @returns false, and nothing is done, when the step is taken, another secret was begun meanwhile, or one is in use
   */
  confirm(
    userId: string,
    shown: ShownStep & { readonly recoveryHashes: readonly string[] },
    audited: Audited,
  ): Promise<boolean>;
  /** @returns false when that step or a later one is taken, or the secret is another by now */
  takeStep(userId: string, shown: ShownStep): Promise<boolean>;
  /** @returns false when the user has no such code left */
  takeRecoveryCode(userId: string, hash: string, audited: Audited): Promise<boolean>;
  /** Recovery codes go too. @param audited is written when it was in use */
  remove(userId: string, audited: Audited): Promise<void>;
}
