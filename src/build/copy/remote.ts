import { fromText } from '#archive/tar-entry.ts';
import type { ContextStore } from '../context/context.ts';
import { gitAddressOf } from '../context/git-url.ts';
import type { CopyRequest } from './copy.ts';
import type { FoundSource } from './sources.ts';

/** Whether ADD gets a source over the network. */
export const isRemote = (word: string): boolean => /^https?:\/\//.test(word) || isGit(word);

/** A name without scheme or user (`github.com/…`) is a path of the context. */
const isGit = (word: string): boolean =>
  /^([a-z]+:\/\/|[\w.-]+@[\w.-]+:)/.test(word) && gitAddressOf(word) !== undefined;

/** The checksum of a repository is its commit, which its address holds. */
function withCommit(word: string, checksum: string | undefined): string {
  if (checksum === undefined) return word;
  const hash = word.indexOf('#');
  const [address, fragment] = hash < 0 ? [word, ''] : [word.slice(0, hash), word.slice(hash)];
  return `${address}${address.includes('?') ? '&' : '?'}checksum=${encodeURIComponent(checksum)}${fragment}`;
}

/** A file by its URL, or a repository's tree. What was fetched stays until the plan is done. */
export async function remoteSource(
  request: CopyRequest,
  word: string,
  { contexts, signal }: { readonly contexts: ContextStore; readonly signal: AbortSignal },
  opened: AsyncDisposableStack,
): Promise<FoundSource> {
  if (isGit(word)) {
    const tree = opened.use(
      await contexts.fetch(withCommit(word, request.checksum), {
        keepGitDir: request.keepGitDir,
        signal,
        report: () => undefined,
      }),
    );
    const root = tree.find('')!;
    return {
      kind: 'tree',
      files: tree,
      path: '',
      info: root,
      name: '',
      beneath: undefined,
      keepsTimes: false,
    };
  }
  const file = opened.use(
    await contexts.download(word, {
      signal,
      ...(request.checksum === undefined ? {} : { checksum: request.checksum }),
    }),
  );
  if (request.unpack === true)
    return { kind: 'archive', name: file.name, digest: file.digest, open: () => file.open() };
  return {
    kind: 'bytes',
    word,
    name: fromText(file.name),
    digest: file.digest,
    size: file.size,
    mode: 0o600,
    modified: file.modified,
    open: () => file.open(),
  };
}
