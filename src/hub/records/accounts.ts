import type { Visibility } from '../api/accounts.ts';
import type { AdminAccount } from '../api/administration.ts';

/** What a user and an organisation have alike: the names of repositories begin with theirs. */
export interface AccountRecord {
  readonly id: string;
  readonly name: string;
  readonly kind: 'user' | 'organisation';
  readonly displayName: string;
  readonly defaultVisibility: Visibility;
  readonly createdAt: string;
}

/** Users and organisations, which share the names. */
export interface AccountRecords {
  find(name: string): Promise<AccountRecord | undefined>;
  /** As administrators see it: with its plan, and what counts there. */
  forAdministrators(name: string): Promise<AdminAccount | undefined>;
  /**
   * As administrators see them, by name.
   *
   * @param query.text in whatever case, has to be in the name, the name to show or the e-mail address
   * @returns a page of them, and how many there are
   */
  listForAdministrators(query: {
    readonly text: string;
    readonly offset: number;
    readonly size: number;
  }): Promise<{ readonly items: readonly AdminAccount[]; readonly total: number }>;
}
