import type { Value } from '#state/database.ts';
import type { Viewer } from '../viewer.ts';

/**
 * The condition under which a repository `r` may be seen, for lists and search.
 *
 * @param from the number of its first parameter in the statement
 */
export function visibleTo(
  viewer: Viewer,
  from: number,
): { readonly sql: string; readonly values: readonly Value[] } {
  if (viewer.kind === 'stranger') return { sql: "r.visibility = 'public'", values: [] };
  if (viewer.kind === 'administrator') return { sql: '1', values: [] };
  const user = `?${from}`;
  const sql = `(r.visibility = 'public' OR r.owner_id = ${user}
    OR r.owner_id IN (SELECT organisation_id FROM member WHERE user_id = ${user} AND role IN ('owner', 'editor'))
    OR r.id IN (SELECT g.repository_id FROM team_grant g JOIN team_member t ON t.team_id = g.team_id WHERE t.user_id = ${user})
    OR r.id IN (SELECT repository_id FROM user_grant WHERE user_id = ${user}))`;
  return { sql, values: [viewer.id] };
}
