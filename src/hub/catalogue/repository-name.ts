import { invalid } from '#base/errors.ts';

/** Owner and name, each of the grammar's components. @see OCI distribution-spec, § Pulling manifests, `<name>` */
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** As long as with a host before it references may be. */
const longestName = 200;

/**
 * A repository's whole name in its parts: the account it is of, and the rest, which may have slashes.
 *
 * @throws {EngineError} `invalid` saying what of it is wrong
 */
export function parseRepositoryName(fullName: string): { readonly owner: string; readonly name: string } {
  const parts = fullName.split('/');
  const [owner = '', ...rest] = parts;
  if (rest.length === 0) throw invalid(`A repository's name is owner/name, not ${JSON.stringify(fullName)}`);
  if (fullName.length > longestName)
    throw invalid(`A repository's name has at most ${longestName} characters`);
  const odd = parts.find((part) => !component.test(part));
  if (odd !== undefined)
    throw invalid(
      `${JSON.stringify(odd)} cannot be part of a repository's name: lowercase letters and digits, with ".", "_", "__" or "-" between them`,
    );
  return { owner, name: rest.join('/') };
}
