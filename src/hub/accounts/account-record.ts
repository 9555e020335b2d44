import { invalid } from '#base/errors.ts';
import type { Actor, Person } from '../access/index.ts';
import type { Visibility } from '../api/accounts.ts';
import type { NewAuditEntry, UserRecord } from '../records/index.ts';

/** @throws {EngineError} `invalid` */
export function checkVisibility(value: string): asserts value is Visibility {
  if (value !== 'public' && value !== 'private') throw invalid('a visibility is public or private');
}

/** A user who has just shown to be it, in full. */
export const personOf = (user: UserRecord, address: string): Person => ({
  ...{ kind: 'person', id: user.id, name: user.name, isAdmin: user.isAdmin, address },
  ...{ via: 'password', ceiling: 'admin' },
});

/** What is written down of something that is done to a user, or by it. */
export const userEntry = (
  { id, name }: Pick<UserRecord, 'id' | 'name'>,
  action: string,
  by: Actor,
): Omit<NewAuditEntry, 'details'> => ({ actor: by, action, target: name, ownerId: id });
