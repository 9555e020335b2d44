import { type ByteString, type EntryType, shownName } from '#archive/tar-entry.ts';
import { invalid } from '#base/errors.ts';

/** Links on one way at most, as the kernel has it (ELOOP). */
const maxLinks = 40;

/** What is known of a tree's links: a FileSource, or less. */
export interface LinkTree {
  find(path: ByteString): { readonly type: EntryType; readonly linkName: ByteString } | undefined;
}

/**
 * Where a path leads in a tree, links followed as if the tree's root were `/`: the path that `find` takes. What is not
 * there keeps its name; `..` never leaves the root.
 *
 * @param followLast whether a link at the end is followed too
 * @throws {EngineError} `invalid` for links in a circle
 */
export function resolvePath(files: LinkTree, path: ByteString, followLast = true): ByteString {
  const ahead = path.split('/').reverse();
  const done: ByteString[] = [];
  let links = 0;
  while (ahead.length > 0) {
    const part = ahead.pop()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const isLast = ahead.every((rest) => rest === '' || rest === '.');
    const here = [...done, part].join('/');
    const info = !isLast || followLast ? files.find(here) : undefined;
    if (info?.type !== 'symlink') {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > maxLinks) throw invalid(`too many links in ${JSON.stringify(shownName(path))}`);
    if (info.linkName.startsWith('/')) done.length = 0;
    ahead.push(...info.linkName.split('/').reverse());
  }
  return done.join('/');
}
