import type { Plan } from '../../api/accounts.ts';

export interface PlanRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly private_repositories: number | null;
  readonly private_bytes: number | null;
  readonly pulls_per_hour: number | null;
  readonly is_default: number;
}

/** Of a plan `p`. */
export const planColumns =
  'p.id, p.name, p.description, p.private_repositories, p.private_bytes, p.pulls_per_hour, p.is_default';

export const planOf = (row: PlanRow): Plan => ({
  ...{ id: row.id, name: row.name, description: row.description, isDefault: row.is_default === 1 },
  ...(row.private_repositories !== null && { privateRepositories: row.private_repositories }),
  ...(row.private_bytes !== null && { privateBytes: row.private_bytes }),
  ...(row.pulls_per_hour !== null && { pullsPerHour: row.pulls_per_hour }),
});
