/**
 * Holds: while one has not expired, no blob's file is deleted, whichever process deletes. Its holder (a backup) reads them all.
 * Leases run by the machine's time, for holders are processes of their own; one that is killed holds nothing up for longer.
 */
export interface HoldRecords {
  /** @returns the hold's id */
  take(leaseSeconds: number): Promise<string>;
  /**
   * The lease begins anew.
   *
   * @returns false once it ran out, or was released: what it held may have gone since
   */
  renew(id: string, leaseSeconds: number): Promise<boolean>;
  /** Nothing happens when there is none. */
  release(id: string): Promise<void>;
  /** Whether anyone holds the blobs' files. */
  isHeld(): Promise<boolean>;
  /** Records of holders that never came to release them. @returns how many went */
  dropExpired(): Promise<number>;
}
