import { invalid } from '#base/errors.ts';

/** A path component of the distribution spec (`<name>`): lower case, separators inside only. */
const grammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const shortest = 2;
const longest = 40;

/** Names that addresses of the Hub, its page, or other registries' conventions have. */
const reserved: ReadonlySet<string> = new Set(
  `about account accounts admin administrator anonymous api assets audit auth blob blobs catalog docs explore health
   healthz help home hub invitation invitations library login logout manifests me metrics new nobody none null
   organisation organisations organization organizations owner owners plans public private register registry repo
   repositories repository root search sessions settings sign-in sign-out sign-up signin signout signup static status
   support system tags team teams token tokens undefined upload uploads user users v1 v2 www`.split(/\s+/),
);

/**
 * A new account's name: users and organisations share the names, for repositories begin with them.
 *
 * @throws {EngineError} `invalid` saying what is wrong with it
 */
export function checkAccountName(name: string): void {
  if (name.length < shortest || name.length > longest)
    throw invalid(`a name has ${shortest} to ${longest} characters`);
  if (!grammar.test(name))
    throw invalid(
      'a name is of lower-case letters and digits, with single dots, underscores or hyphens between them',
    );
  // names are paths of the page
  if (reserved.has(name)) throw invalid(`the name ${name} is reserved`);
}

/** @throws {EngineError} `invalid` */
export function checkEmail(email: string): void {
  if (email.length > 254 || !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u.test(email))
    throw invalid('that is no e-mail address');
}

/** @throws {EngineError} `invalid` */
export function checkDisplayName(name: string): void {
  if (name.length > 100 || /\p{Cc}/u.test(name)) throw invalid('a display name has at most 100 characters');
}
