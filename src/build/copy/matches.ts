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
  const under = (path: ByteString) => (base === '' ? path : path === '' ? base : `${base}/${path}`);
  let found: readonly ByteString[] = [''];
  for (const component of components) {
    const next = new Set<ByteString>();
    for (const directory of found)
      for (const path of stepsFrom((inner) => files.list(under(inner)), directory, component)) next.add(path);
    found = [...next];
  }
  return found.filter((path) => files.find(under(path)) !== undefined).sort();
}

function* stepsFrom(
  list: (directory: ByteString) => readonly ByteString[],
  directory: ByteString,
  component: string,
): Generator<ByteString> {
  const inner = (above: ByteString, name: ByteString) => (above === '' ? name : `${above}/${name}`);
  if (component === '**') {
    yield directory;
    const ahead = [directory];
    while (ahead.length > 0) {
      const here = ahead.pop()!;
      for (const name of list(here)) {
        const path = inner(here, name);
        yield path;
        if (path.split('/').length < maxDepth) ahead.push(path);
      }
    }
  } else if (!isPattern(component)) yield inner(directory, fromText(component));
  else
    for (const name of list(directory))
      if (matchPath(component, shownName(name))) yield inner(directory, name);
}
