/** A key that tokens are signed with. */
export interface SigningKeyRecord {
  readonly id: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  readonly createdAt: string;
  /** It signs no more from then on. */
  readonly retiredAt?: string;
}

export interface SigningKeyRecords {
  find(id: string): Promise<SigningKeyRecord | undefined>;
  /** The one to sign with: the newest that is not retired and was made after then. */
  current(madeAfter: string): Promise<SigningKeyRecord | undefined>;
  /**
   * Makes a key the one to sign with, unless there is one that was made after `madeAfter`; who rotates at the same time gets the
   * same. Those before it are retired, and those that were retired before `dropBefore` deleted.
   */
  rotate(
    key: { readonly id: string; readonly privateKey: string },
    times: { readonly madeAfter: string; readonly dropBefore: string },
  ): Promise<SigningKeyRecord>;
}
