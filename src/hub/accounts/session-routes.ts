import type { IncomingMessage } from 'node:http';
import type { Actor } from '../access/index.ts';
import { type Session, SignIn, SignUp } from '../api/accounts.ts';
import { type Call, empty, json, type Reply, type Routes } from '../http/index.ts';
import type { UserRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { Attempts } from './attempts.ts';
import { type CookieKind, cookieOf, setCookie } from './cookies.ts';
import type { Credentials } from './credentials.ts';
import { checkCsrf, csrfOfSession, csrfOfVisitor, newCookie } from './csrf.ts';
import { ApiFailure, inField } from './failure.ts';
import type { Invitations } from './invitations.ts';
import { checkAccountName, checkEmail } from './names.ts';
import { checkPassword } from './password-rules.ts';
import type { PublicAddress } from './public-address.ts';
import type { SecondFactor } from './second-factor.ts';
import { type Sessions, sessionLifetime } from './sessions.ts';
import { shownUser } from './shown-user.ts';
import type { Users } from './users.ts';

interface Parts {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly secondFactor: SecondFactor;
  readonly sessions: Sessions;
  readonly invitations: Invitations;
  readonly attempts: Attempts;
  readonly publicAddress: PublicAddress;
  readonly version: string;
}

const visitorLifetimeSeconds = 24 * 60 * 60;

/** Signing in, up and out. */
export function sessionRoutes(rooms: HubRooms, parts: Parts): Routes {
  const { users, credentials, secondFactor, sessions, publicAddress } = parts;

  return {
    'GET /api/session': async (call) => {
      const open = sessions.of(call.request);
      if (call.actor.kind === 'person')
        // without a session it came with a credential of its own, and needs no token
        return sessionReply(call, open === undefined ? '' : csrfOfSession(open.cookie));
      const cookie = cookieOf(call.request, 'visitor', publicAddress(call.request)) ?? newCookie();
      return sessionReply(call, csrfOfVisitor(cookie), [
        withCookie(call.request, 'visitor', cookie, visitorLifetimeSeconds),
      ]);
    },

    'POST /api/session': async (call) => {
      checkVisitor(call);
      const { name = '', password = '', code = '' } = await call.json(SignIn);
      const { address } = call.actor;
      const user = await credentials.password(name, password, address);
      await secondFactor.check(user, code, address);
      return signIn(call, user);
    },

    'DELETE /api/session': async (call) => {
      const open = sessions.of(call.request);
      if (open !== undefined && call.actor.kind === 'person')
        await sessions.end(call.actor, open.id, call.actor);
      return empty(204, { 'Set-Cookie': [withCookie(call.request, 'session', '', 0)] });
    },

    'POST /api/users': async (call) => {
      checkVisitor(call);
      const user = await signUp(rooms, parts, { form: await call.json(SignUp), by: call.actor });
      const { kind } = call.actor;
      return kind === 'stranger' ? signIn(call, user, 201) : json(await shownUser(rooms.records, user), 201);
    },
  };

  /** Who is not signed in has a token of its own: another site must not sign one in as someone else. */
  function checkVisitor(call: Call): void {
    if (call.actor.kind === 'person') return;
    checkCsrf(
      call.request,
      csrfOfVisitor(cookieOf(call.request, 'visitor', publicAddress(call.request)) ?? ''),
    );
  }

  async function signIn(call: Call, user: UserRecord, status = 200): Promise<Reply> {
    const { request, actor } = call;
    const cookie = await sessions.begin(user, { request, actor, agent: call.header('user-agent') ?? '' });
    const cookies = [
      withCookie(request, 'session', cookie, sessionLifetime / 1000),
      withCookie(request, 'visitor', '', 0),
    ];
    return json(await session(request, csrfOfSession(cookie), user), status, { 'Set-Cookie': cookies });
  }

  async function sessionReply(call: Call, csrf: string, cookies: readonly string[] = []): Promise<Reply> {
    const user = call.actor.kind === 'person' ? await users.findById(call.actor.id) : undefined;
    return json(
      await session(call.request, csrf, user),
      200,
      cookies.length === 0 ? {} : { 'Set-Cookie': cookies },
    );
  }

  async function session(
    request: IncomingMessage,
    csrf: string,
    user: UserRecord | undefined,
  ): Promise<Session> {
    const { name, signUp: how } = await rooms.records.settings.get();
    return {
      ...(user !== undefined && { user: await shownUser(rooms.records, user) }),
      csrf,
      hub: { name, address: publicAddress(request).service, signUp: how, version: parts.version },
    };
  }

  function withCookie(
    request: IncomingMessage,
    kind: CookieKind,
    value: string,
    maxAgeSeconds: number,
  ): string {
    return setCookie(kind, value, { address: publicAddress(request), maxAgeSeconds });
  }
}

/** @throws {ApiFailure} naming the field that will not do; {TooManyAttempts} */
async function signUp(
  { records }: HubRooms,
  { users, invitations, attempts }: Parts,
  { form, by }: { readonly form: SignUp; readonly by: Actor },
): Promise<UserRecord> {
  const { name = '', email = '', password = '', invitation = '' } = form;
  const { signUp: how } = await records.settings.get();
  const isAdministrator = by.kind === 'person' && by.isAdmin && by.ceiling === 'admin';
  if (how !== 'open' && invitation === '' && !isAdministrator)
    throw closed(
      how === 'closed' ? 'nobody can sign up here: ask an administrator' : 'to sign up takes an invitation',
    );
  // before anything is looked up, so that asking whether names and addresses are taken is slowed down
  if (!isAdministrator) await (await attempts.signUp(by.address)).failed();
  const invited =
    invitation === ''
      ? undefined
      : await inField('invitation', () => invitations.get(invitation, by.address));
  // an administrator's word stands whatever the setting; that of an organisation's owners only where it lets them invite
  if (how === 'closed' && !isAdministrator && !(await users.find(invited!.createdBy))?.isAdmin)
    throw closed('nobody new can sign up here now: ask an administrator');
  await inField('name', () => checkAccountName(name));
  if (email !== '') await inField('email', () => checkEmail(email));
  await inField('password', () => checkPassword(password, name));
  await inField('name', () => users.checkFree({ name }));
  await inField('email', () => users.checkFree({ email }));
  return users.create({ name, email, password }, { by, invitation: invited });
}

const closed = (message: string) => new ApiFailure(403, { message, code: 'sign-up-closed' });
