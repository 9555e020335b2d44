import { forbidden } from '#base/errors.ts';
import type { Person } from '../access/index.ts';
import { NewToken, PasswordChange, PasswordProof, SecondFactorCode, UserChange } from '../api/accounts.ts';
import { UserRights } from '../api/administration.ts';
import { type Call, created, empty, json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { type AccessTokens, checkScope, checkTokenName, future } from './access-tokens.ts';
import type { UserRow } from './account-record.ts';
import { administrator, inFull, inPerson, signedIn } from './asker.ts';
import type { Credentials } from './credentials.ts';
import { ApiFailure, inField } from './failure.ts';
import { checkDisplayName, checkEmail } from './names.ts';
import { checkPassword } from './password-rules.ts';
import type { SecondFactor } from './second-factor.ts';
import type { Sessions } from './sessions.ts';
import { adminUser, shownUser } from './shown-user.ts';
import type { Users } from './users.ts';

interface Parts {
  readonly users: Users;
  readonly tokens: AccessTokens;
  readonly credentials: Credentials;
  readonly secondFactor: SecondFactor;
  readonly sessions: Sessions;
}

/** What users see and change of themselves, and administrators of users. */
export function userRoutes({ database, now }: HubRooms, parts: Parts): Routes {
  const { users, tokens, credentials, secondFactor, sessions } = parts;
  const self = (person: Person): UserRow => users.get(person.name);
  const shown = (person: Person) => json(shownUser(database, self(person)));

  return {
    'GET /api/user': ({ actor }) => shown(signedIn(actor)),
    'PATCH /api/user': async (call) => {
      const person = inFull(call.actor);
      const change = await call.json(UserChange);
      inField('displayName', () => checkDisplayName(change.displayName ?? ''));
      if (change.email) inField('email', () => checkEmail(change.email!));
      users.change(self(person), change, person);
      return shown(person);
    },

    'POST /api/user/password': async (call) => {
      const person = inPerson(call.actor);
      const { current = '', next = '' } = await call.json(PasswordChange);
      await prove(person, current, 'current');
      inField('next', () => checkPassword(next, person.name));
      const keepSession = sessions.of(call.request)?.id;
      await users.setPassword(person.name, next, { by: person, keepSession });
      return empty();
    },

    'POST /api/user/second-factor': ({ actor }) => json(secondFactor.begin(self(inPerson(actor)))),
    'PUT /api/user/second-factor': async (call) => {
      const person = inPerson(call.actor);
      const { code = '' } = await call.json(SecondFactorCode);
      return json(secondFactor.confirm(self(person), code, person));
    },
    'DELETE /api/user/second-factor': async (call) => {
      const person = inPerson(call.actor);
      await prove(person, (await call.json(PasswordProof)).password ?? '', 'password');
      secondFactor.remove(self(person), person);
      return empty();
    },

    'GET /api/user/tokens': ({ actor }) => json(tokens.list(inFull(actor).id)),
    'POST /api/user/tokens': async (call) => {
      const person = inPerson(call.actor);
      const { name = '', scope = 'read', expiresAt } = await call.json(NewToken);
      inField('name', () => checkTokenName(name));
      inField('scope', () => checkScope(scope));
      if (expiresAt !== undefined) inField('expiresAt', () => future(expiresAt, now()));
      return created(tokens.create(person, { name, scope, expiresAt }, person));
    },
    'DELETE /api/user/tokens/{id}': (call) => {
      const person = inFull(call.actor);
      tokens.revoke(person, call.param('id'), person);
      return empty();
    },

    'GET /api/user/sessions': ({ actor, request }) =>
      json(sessions.list(inPerson(actor).id, sessions.of(request)?.id)),
    'DELETE /api/user/sessions/{id}': (call) => {
      const person = inPerson(call.actor);
      sessions.end(person, call.param('id'), person);
      return empty();
    },

    'PATCH /api/admin/users/{name}': (call) => changeRights(call),
  };

  /** The password again, before what a borrowed browser must not do. @throws {ApiFailure} naming the field */
  async function prove(person: Person, password: string, field: string): Promise<void> {
    try {
      await credentials.password(person.name, password, person.address);
    } catch (error) {
      if (!(error instanceof Error && 'kind' in error && error.kind === 'unauthorized')) throw error;
      throw new ApiFailure(403, { message: 'that is not the password', field });
    }
  }

  async function changeRights(call: Call) {
    const person = administrator(call.actor);
    const { isAdmin, isDisabled } = await call.json(UserRights);
    const user = users.get(call.param('name'));
    if (user.id === person.id && (isAdmin === false || isDisabled === true))
      throw forbidden('another administrator must do that');
    database.transaction(() => {
      if (isAdmin !== undefined) users.setAdmin(user.name, isAdmin, person);
      if (isDisabled !== undefined) users.disable(user.name, isDisabled, person);
    });
    return json(adminUser(database, users.get(user.name)));
  }
}
