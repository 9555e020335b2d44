import { forbidden } from '#base/errors.ts';
import type { Person } from '../access/index.ts';
import { NewToken, PasswordChange, PasswordProof, SecondFactorCode, UserChange } from '../api/accounts.ts';
import { UserRights } from '../api/administration.ts';
import { type Call, created, empty, json, type Routes } from '../http/index.ts';
import type { UserRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { type AccessTokens, checkScope, checkTokenName, future } from './access-tokens.ts';
import { administrator, inFull, inPerson, signedIn } from './asker.ts';
import type { Credentials } from './credentials.ts';
import { ApiFailure, inField } from './failure.ts';
import { checkDisplayName, checkEmail } from './names.ts';
import { checkPassword } from './password-rules.ts';
import type { SecondFactor } from './second-factor.ts';
import type { Sessions } from './sessions.ts';
import { shownUser } from './shown-user.ts';
import type { Users } from './users.ts';

interface Parts {
  readonly users: Users;
  readonly tokens: AccessTokens;
  readonly credentials: Credentials;
  readonly secondFactor: SecondFactor;
  readonly sessions: Sessions;
}

/** What users see and change of themselves, and administrators of users. */
export function userRoutes({ records, now }: HubRooms, parts: Parts): Routes {
  const { users, tokens, credentials, secondFactor, sessions } = parts;
  const self = (person: Person): Promise<UserRecord> => users.get(person.name);
  const shown = async (person: Person) => json(await shownUser(records, await self(person)));

  return {
    'GET /api/user': ({ actor }) => shown(signedIn(actor)),
    'PATCH /api/user': async (call) => {
      const person = inFull(call.actor);
      const change = await call.json(UserChange);
      await inField('displayName', () => checkDisplayName(change.displayName ?? ''));
      if (change.email) await inField('email', () => checkEmail(change.email!));
      await users.change(await self(person), change, person);
      return shown(person);
    },

    'POST /api/user/password': async (call) => {
      const person = inPerson(call.actor);
      const { current = '', next = '' } = await call.json(PasswordChange);
      await prove(person, current, 'current');
      await inField('next', () => checkPassword(next, person.name));
      const keepSession = sessions.of(call.request)?.id;
      await users.setPassword(person.name, next, { by: person, keepSession });
      return empty();
    },

    'POST /api/user/second-factor': async ({ actor }) =>
      json(await secondFactor.begin(await self(inPerson(actor)))),
    'PUT /api/user/second-factor': async (call) => {
      const person = inPerson(call.actor);
      const { code = '' } = await call.json(SecondFactorCode);
      return json(await secondFactor.confirm(await self(person), code, person));
    },
    'DELETE /api/user/second-factor': async (call) => {
      const person = inPerson(call.actor);
      await prove(person, (await call.json(PasswordProof)).password ?? '', 'password');
      await secondFactor.remove(await self(person), person);
      return empty();
    },

    'GET /api/user/tokens': async ({ actor }) => json(await tokens.list(inFull(actor).id)),
    'POST /api/user/tokens': async (call) => {
      const person = inPerson(call.actor);
      const { name = '', scope = 'read', expiresAt } = await call.json(NewToken);
      await inField('name', () => checkTokenName(name));
      await inField('scope', () => checkScope(scope));
      if (expiresAt !== undefined) await inField('expiresAt', () => future(expiresAt, now()));
      return created(await tokens.create(person, { name, scope, expiresAt }, person));
    },
    'DELETE /api/user/tokens/{id}': async (call) => {
      const person = inFull(call.actor);
      await tokens.revoke(person, call.param('id'), person);
      return empty();
    },

    'GET /api/user/sessions': async ({ actor, request }) =>
      json(await sessions.list(inPerson(actor).id, sessions.of(request)?.id)),
    'DELETE /api/user/sessions/{id}': async (call) => {
      const person = inPerson(call.actor);
      await sessions.end(person, call.param('id'), person);
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
    const name = call.param('name');
    if (name === person.name && (isAdmin === false || isDisabled === true)) {
      throw forbidden('another administrator must do that');
    }
    const user = await users.setRights(name, { isAdmin, isDisabled }, person);
    return json((await records.accounts.forAdministrators(user.name))!);
  }
}
