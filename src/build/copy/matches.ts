import type { FileSource } from '#archive/file-source.ts';
import { cleaned, isPattern, matchPath } from '#archive/path-pattern.ts';
import { type ByteString, fromText, shownName } from '#archive/tar-entry.ts';
import { resolvePath } from './resolve-path.ts';

/**
 * The paths of a tree that a source of COPY means: itself, or what its wildcards match, in order. `..` leads no further
 * than the root.
 */
export function matchingPaths(files: FileSource, source: string): readonly ByteString[] {
  const path = cleaned(`/${source}`);
  if (!isPattern(path)) {
    const exact = fromText(path);
    return files.find(resolvePath(files, exact)) === undefined ? [] : [exact];
  }
  let found: ByteString[] = [''];
  for (const component of path.split('/')) {
    found = found.flatMap((directory) => matchingIn(files, directory, component));
    if (found.length === 0) return [];
  }
  return found;
}

function matchingIn(files: FileSource, directory: ByteString, component: string): ByteString[] {
  const inner = (name: ByteString) => (directory === '' ? name : `${directory}/${name}`);
  if (!isPattern(component)) {
    const path = inner(fromText(component));
    return files.find(resolvePath(files, path)) === undefined ? [] : [path];
  }
  return files
    .list(resolvePath(files, directory))
    .filter((name) => matchPath(component, shownName(name)))
    .map(inner);
}
