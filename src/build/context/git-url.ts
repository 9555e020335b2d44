import { invalid } from '#base/errors.ts';

/** A git repository as a context's URL names it. */
export interface GitAddress {
  /** What `git fetch` is given. */
  readonly remote: string;
  /** Branch, tag, commit or full name of a reference; undefined: what the remote's HEAD is. */
  readonly ref: string | undefined;
  /** A directory in it; '' is its root. */
  readonly directory: string;
  /** The commit must begin with this. */
  readonly checksum: string | undefined;
  /** undefined: as the caller would have it. */
  readonly keepGitDirectory: boolean | undefined;
  readonly submodules: boolean;
}

const protocols: readonly string[] = ['http:', 'https:', 'git:', 'ssh:'];

/**
 * A git repository's address from any of Docker's forms; undefined for a URL of something else:
 *
 *     https://host/repo.git#ref:dir   git://host/repo   ssh://git@host/repo   git@host:repo#ref   github.com/user/repo
 *
 * Instead of a fragment, a query may say `ref` (or `branch`, `tag`, `commit`), `subdir`, `checksum`, `keep-git-dir` and
 * `submodules`.
 *
 * @throws {EngineError} `invalid` for what is git but cannot be, and for what git would take as an option
 */
export function gitAddressOf(url: string): GitAddress | undefined {
  const hash = url.indexOf('#');
  const address = hash < 0 ? url : url.slice(0, hash);
  const fragment = hash < 0 ? '' : url.slice(hash + 1);
  const found = remoteOf(address);
  if (found === undefined) return undefined;
  const { remote, query } = found;
  const named = fromQuery(query, url);
  const colon = fragment.indexOf(':');
  const ref = (colon < 0 ? fragment : fragment.slice(0, colon)) || named.ref;
  const directory = colon < 0 ? named.directory : fragment.slice(colon + 1);
  if (ref !== undefined && !isRef(ref)) throw invalid(`invalid git reference ${JSON.stringify(ref)}`);
  if (directory.includes('\0')) throw invalid(`invalid directory in ${JSON.stringify(url)}`);
  return { ...named, remote, ref: ref === '' ? undefined : ref, directory };
}

function remoteOf(address: string): { readonly remote: string; readonly query: URLSearchParams } | undefined {
  if (/^github\.com\//.test(address)) return remoteOf(`https://${withGitSuffix(address)}`);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined) return scpLike(address);
  const url = URL.parse(address);
  if (url === null || !protocols.includes(`${scheme}:`)) return undefined;
  const overHttp = scheme === 'http' || scheme === 'https';
  if (overHttp && !url.pathname.endsWith('.git')) return undefined;
  if (url.hostname === '' || url.hostname.startsWith('-')) throw invalid(`invalid git host in ${address}`);
  const query = url.searchParams;
  const start = address.indexOf('?');
  return { remote: start < 0 ? address : address.slice(0, start), query };
}

const withGitSuffix = (address: string): string => {
  const [path, query] = address.split('?', 2);
  const whole = path!.endsWith('.git') ? path! : `${path!.replace(/\/$/, '')}.git`;
  return query === undefined ? whole : `${whole}?${query}`;
};

/** `user@host:path`, as scp has it. */
function scpLike(address: string): { readonly remote: string; readonly query: URLSearchParams } | undefined {
  const parts = /^([\w.+-]+)@([\w.-]+|\[[\da-f:.]+\]):([^?]+)(?:\?(.*))?$/i.exec(address);
  if (parts === null) return undefined;
  const [, user, host, path, query = ''] = parts;
  if (user!.startsWith('-') || host!.startsWith('-')) throw invalid(`invalid git host in ${address}`);
  return { remote: `${user}@${host}:${path}`, query: new URLSearchParams(query) };
}

function fromQuery(query: URLSearchParams, url: string): Omit<GitAddress, 'remote'> {
  let ref: string | undefined;
  let directory = '';
  let checksum: string | undefined;
  let keepGitDirectory: boolean | undefined;
  let submodules = true;
  const setRef = (value: string): void => {
    if (ref !== undefined && ref !== value) throw invalid(`ref conflicts in ${JSON.stringify(url)}`);
    ref = value;
  };
  for (const [key, value] of query) {
    if (key === 'ref') setRef(value);
    else if (key === 'branch') setRef(`refs/heads/${value}`);
    else if (key === 'tag') setRef(`refs/tags/${value}`);
    else if (key === 'subdir') directory = value;
    else if (key === 'checksum' || key === 'commit') checksum = commitOf(value);
    else if (key === 'keep-git-dir') keepGitDirectory = isTrue(key, value);
    else if (key === 'submodules') submodules = isTrue(key, value);
    else throw invalid(`unexpected query ${JSON.stringify(key)}`);
  }
  if (ref === undefined && checksum?.length === 40) ref = checksum;
  return { ref, directory, checksum, keepGitDirectory, submodules };
}

function commitOf(value: string): string {
  if (!/^[\da-f]{7,64}$/i.test(value)) throw invalid(`invalid checksum ${JSON.stringify(value)}`);
  return value.toLowerCase();
}

function isTrue(key: string, value: string): boolean {
  if (/^(?:1|t|true)?$/i.test(value)) return true;
  if (/^(?:0|f|false)$/i.test(value)) return false;
  throw invalid(`invalid ${key} value: ${JSON.stringify(value)}`);
}

/** What git would take for a reference, and nothing that it would take for an option or a refspec. */
const isRef = (ref: string): boolean =>
  ref === '' || (!/^[-+^:]/.test(ref) && !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.lock$|\/$/.test(ref));
