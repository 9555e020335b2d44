import { invalid } from '#base/errors.ts';
import { type Digest, isDigest } from './digest.ts';

/** The name of an image in a registry, whole: what a person typed with Docker's defaults filled in. */
export interface Reference {
  /** `docker.io`, `localhost:5000`: where the repository is. */
  readonly domain: string;
  /** `library/busybox`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainPattern = new RegExp(
  `^(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`,
);
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const pathPattern = new RegExp(`^${pathComponent}(?:/${pathComponent})*$`);
const tagPattern = /^\w[\w.-]{0,127}$/;
const longest = { domain: 255, path: 255, whole: 1024 };

/**
 * Reads a reference as Docker does: `busybox` is `docker.io/library/busybox`. No tag is added where none is given.
 *
 * @throws {EngineError} `invalid`, `invalid reference format` or what else is wrong
 * @see distribution/reference, grammar and `ParseNormalizedNamed`
 */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text))
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  if (text.length > longest.whole) throw malformed();
  const { domain, remainder } = splitDomain(text);
  const { path, tag, digest } = splitRemainder(remainder);
  if (path !== path.toLowerCase())
    throw invalid(`invalid reference format: repository name (${path}) must be lowercase`);
  if (!domainPattern.test(domain) || domain.length > longest.domain || !pathPattern.test(path))
    throw malformed();
  if (tag !== undefined && !tagPattern.test(tag)) throw malformed();
  if (digest !== undefined && !isDigest(digest)) throw badDigest(digest);
  if (path.length > longest.path)
    throw invalid(`repository name must not be more than ${longest.path} characters`);
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The repository with its domain, as records keep it: `docker.io/library/busybox`. */
export const repositoryOf = (reference: Reference): string => `${reference.domain}/${reference.path}`;

/** The same with `latest` where there is neither tag nor digest. */
export const withDefaultTag = (reference: Reference): Reference =>
  reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference;

/** The repository as people see it: `busybox`, `bitnami/redis`, `localhost:5000/web`. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== 'docker.io') return repositoryOf(reference);
  return /^library\/[^/]+$/.test(reference.path) ? reference.path.slice('library/'.length) : reference.path;
}

/** The whole reference as people see it: `busybox:1.36`, `busybox@sha256:…`. */
export function familiarString(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${familiarName(reference)}${tag}${digest}`;
}

/** `tag` or `digest` put in the reference, as the API passes them apart. @throws {EngineError} `invalid` */
export function withTagOrDigest(reference: Reference, tagOrDigest: string): Reference {
  const { domain, path } = reference;
  if (isDigest(tagOrDigest)) return { domain, path, digest: tagOrDigest };
  if (!tagPattern.test(tagOrDigest)) throw tagOrDigest.includes(':') ? badDigest(tagOrDigest) : malformed();
  return { domain, path, tag: tagOrDigest };
}

function splitDomain(text: string): { domain: string; remainder: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isDomain =
    slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = !isDomain || first === 'index.docker.io' ? 'docker.io' : first;
  const rest = isDomain ? text.slice(slash + 1) : text;
  return {
    domain,
    remainder: domain === 'docker.io' && !pathOf(rest).includes('/') ? `library/${rest}` : rest,
  };
}

const pathOf = (remainder: string): string => remainder.replace(/[:@].*$/s, '');

function splitRemainder(remainder: string) {
  const at = remainder.indexOf('@');
  const named = at === -1 ? remainder : remainder.slice(0, at);
  const digest = at === -1 ? undefined : remainder.slice(at + 1);
  const colon = named.indexOf(':');
  if (colon === -1) return { path: named, tag: undefined, digest };
  return { path: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

const malformed = () => invalid('invalid reference format');

function badDigest(digest: string) {
  const algorithm = /^([A-Za-z][\w+.-]*):[0-9a-fA-F]{32,}$/.exec(digest)?.[1];
  if (algorithm === undefined) return malformed();
  return invalid(
    /^sha(256|512)$/.test(algorithm) ? 'invalid checksum digest length' : 'unsupported digest algorithm',
  );
}
