import { forbidden, unauthorized } from '#base/errors.ts';
import type { Actor, Person } from '../access/index.ts';

/** Who is signed in. @throws {EngineError} `unauthorized` */
export function signedIn(actor: Actor): Person {
  if (actor.kind === 'stranger') throw unauthorized('sign in first');
  return actor;
}

/** For what changes accounts: an access token needs the scope admin for it. @throws {EngineError} */
export function inFull(actor: Actor): Person {
  const person = signedIn(actor);
  if (person.ceiling !== 'admin') throw forbidden('that needs an access token of scope admin');
  return person;
}

/** For what would outlive an access token: passwords, second factors, sessions, other tokens. @throws {EngineError} */
export function inPerson(actor: Actor): Person {
  const person = signedIn(actor);
  if (person.via !== 'session' && person.via !== 'password')
    throw forbidden('that is not for access tokens: sign in with the password');
  return person;
}

/** @throws {EngineError} */
export function administrator(actor: Actor): Person {
  const person = inFull(actor);
  if (!person.isAdmin) throw forbidden('that is for administrators');
  return person;
}
