import type { Database } from '#state/database.ts';
import type { Role, User } from '../api/accounts.ts';
import type { AdminAccount } from '../api/administration.ts';
import type { UserRow } from './account-record.ts';

/** A user, to the user. */
export const shownUser = (database: Database, user: UserRow): User => ({
  name: user.name,
  displayName: user.display_name,
  email: user.email,
  isAdmin: user.is_admin === 1,
  hasSecondFactor: user.totp_confirmed_at !== null,
  defaultVisibility: user.default_visibility,
  createdAt: user.created_at,
  organisations: database.all<{ name: string; displayName: string; role: Role }>(
    `SELECT a.name, a.display_name AS displayName, m.role FROM member m JOIN account a ON a.id = m.organisation_id
      WHERE m.user_id = ? ORDER BY a.name`,
    user.id,
  ),
});

interface PlanRow {
  readonly plan_id: string;
  readonly plan_name: string;
  readonly description: string;
  readonly most_repositories: number | null;
  readonly most_bytes: number | null;
  readonly pulls_per_hour: number | null;
  readonly is_default: number;
  readonly private_repositories: number;
  readonly private_bytes: number;
}

/** A user, to administrators. */
export function adminUser(database: Database, user: UserRow): AdminAccount {
  const row = database.get<PlanRow>(
    `SELECT p.id AS plan_id, p.name AS plan_name, p.description, p.private_repositories AS most_repositories,
            p.private_bytes AS most_bytes, p.pulls_per_hour, p.is_default, a.private_repositories, a.private_bytes
       FROM account a JOIN plan p ON p.id = a.plan_id WHERE a.id = ?`,
    user.id,
  )!;
  return {
    ...{ name: user.name, kind: 'user', displayName: user.display_name, email: user.email },
    isAdmin: user.is_admin === 1,
    isDisabled: user.disabled_at !== null,
    hasSecondFactor: user.totp_confirmed_at !== null,
    plan: {
      ...{
        id: row.plan_id,
        name: row.plan_name,
        description: row.description,
        isDefault: row.is_default === 1,
      },
      ...(row.most_repositories !== null && { privateRepositories: row.most_repositories }),
      ...(row.most_bytes !== null && { privateBytes: row.most_bytes }),
      ...(row.pulls_per_hour !== null && { pullsPerHour: row.pulls_per_hour }),
    },
    ...{ privateRepositories: row.private_repositories, privateBytes: row.private_bytes },
    createdAt: user.created_at,
  };
}
