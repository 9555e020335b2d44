import { fromText } from '#archive/tar-entry.ts';
import type { ContextStore } from '../context/context.ts';
import type { CopyRequest } from './copy.ts';
import type { FoundSource } from './sources.ts';

/** Whether ADD gets a source over the network. */
export const isRemote = (word: string): boolean => /^(https?|git|ssh):\/\//.test(word) || isGit(word);

const isGit = (word: string): boolean =>
  /^git@[\w.-]+:/.test(word) || /^(git|ssh):\/\//.test(word) || /^https?:\/\/[^#]+\.git(#.*)?$/.test(word);

/** A file by its URL, or a repository's tree. What was fetched stays until the plan is done. */
export async function remoteSource(
  request: CopyRequest,
  word: string,
  { contexts, signal }: { readonly contexts: ContextStore; readonly signal: AbortSignal },
  opened: AsyncDisposableStack,
): Promise<FoundSource> {
  if (isGit(word)) {
    const tree = opened.use(
      await contexts.fetch(word, { keepGitDir: request.keepGitDir, signal, report: () => undefined }),
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
    name: fromText(file.name),
    digest: file.digest,
    size: file.size,
    mode: 0o600,
    modified: file.modified,
    open: () => file.open(),
  };
}
