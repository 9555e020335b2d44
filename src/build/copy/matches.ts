import type { FileSource } from '#archive/file-source.ts';
import { cleaned, isPattern, matchPath } from '#archive/path-pattern.ts';
import { type ByteString, fromText, joinNames, shownName } from '#archive/tar-entry.ts';
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
  if (!isPattern(component)) {
    const path = joinNames(directory, fromText(component));
    return files.find(resolvePath(files, path)) === undefined ? [] : [path];
  }
  return files
    .list(resolvePath(files, directory))
    .filter((name) => matchPath(component, shownName(name)))
    .map((name) => joinNames(directory, name));
}

/** How deep `**` looks. */
const maxDepth = 1024;

/**
 * The same beneath a directory, no link followed; a component `**` is any number of directories. Each relative to it, and
 * once.
 */
export function pathsBeneath(files: FileSource, base: ByteString, pattern: string): readonly ByteString[] {
  const components = cleaned(`/${pattern}`)
    .split('/')
    .filter((part) => part !== '');
  const under = (path: ByteString) => joinNames(base, path);
  let found: readonly ByteString[] = [''];
  for (const component of components) {
    const next = new Set<ByteString>();
    const list = (directory: ByteString) => files.list(under(directory));
    for (const directory of found)
      if (component === '**') addAllBeneath(list, directory, next);
      else for (const path of inDirectory(list, directory, component)) next.add(path);
    found = [...next];
  }
  return found.filter((path) => files.find(under(path)) !== undefined).sort();
}

type List = (directory: ByteString) => readonly ByteString[];

/** A directory and all that is beneath it, unless that is there already. */
function addAllBeneath(list: List, directory: ByteString, found: Set<ByteString>): void {
  const ahead = [directory];
  while (ahead.length > 0) {
    const here = ahead.pop()!;
    if (found.has(here)) continue;
    found.add(here);
    if (here.split('/').length < maxDepth) for (const name of list(here)) ahead.push(joinNames(here, name));
  }
}

function inDirectory(list: List, directory: ByteString, component: string): readonly ByteString[] {
  if (!isPattern(component)) return [joinNames(directory, fromText(component))];
  return list(directory)
    .filter((name) => matchPath(component, shownName(name)))
    .map((name) => joinNames(directory, name));
}
