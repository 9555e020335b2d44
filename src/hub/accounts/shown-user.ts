import type { User } from '../api/accounts.ts';
import type { Records, UserRecord } from '../records/index.ts';

/** A user, to the user. */
export const shownUser = async ({ organisations }: Records, user: UserRecord): Promise<User> => ({
  name: user.name,
  displayName: user.displayName,
  email: user.email,
  isAdmin: user.isAdmin,
  hasSecondFactor: user.secondFactor?.confirmedAt !== undefined,
  defaultVisibility: user.defaultVisibility,
  createdAt: user.createdAt,
  organisations: await organisations.ofUser(user.id),
});
