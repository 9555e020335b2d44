import type { FileInfo, FileSource } from '#archive/file-source.ts';
import { cleaned, type IgnorePatterns, isPattern } from '#archive/path-pattern.ts';
import { type ByteString, fromText, joinNames, shownName } from '#archive/tar-entry.ts';
import { EngineError, invalid } from '#base/errors.ts';
import type { CopyRequest } from './copy.ts';
import { matchingPaths, pathsBeneath } from './matches.ts';
import { resolvePath } from './resolve-path.ts';

/** One thing that is copied, found. */
export type FoundSource =
  /** A file or (its content) a directory, of a tree. `name` is what it is called at a destination that is a directory. */
  | {
      readonly kind: 'tree';
      readonly files: FileSource;
      readonly path: ByteString;
      readonly info: FileInfo;
      readonly name: ByteString;
      /** `--parents`: where it goes beneath the destination. */
      readonly beneath: ByteString | undefined;
      /** Its files keep the times that they have, unless they are a context's, whose times are nobody's. */
      readonly keepsTimes: boolean;
    }
  /** An archive that ADD unpacks. */
  | {
      readonly kind: 'archive';
      readonly name: string;
      readonly digest: string;
      readonly open: () => AsyncIterable<Uint8Array>;
    }
  /** A document of the Dockerfile, or a file from elsewhere. */
  | {
      readonly kind: 'bytes';
      /** As written, for errors. */
      readonly word: string;
      /** '' when nothing tells it. */
      readonly name: ByteString;
      readonly digest: string;
      readonly size: number;
      readonly mode: number;
      readonly modified: number | undefined;
      readonly open: () => AsyncIterable<Uint8Array>;
    };

/**
 * What a word of a COPY means in its tree. A pattern that matches nothing copies nothing, as both of Docker's builders have
 * it.
 *
 * @throws {EngineError} `notFound`
 */
export function treeSources(request: CopyRequest, word: string): FoundSource[] {
  const found = request.parents ? sourcesBeneath(request.from, word) : sourcesAt(request.from, word);
  if (found.length === 0 && !isPattern(word)) throw missing(request, word);
  return found;
}

/** Links are followed: what they lead to is copied, by the link's name. */
function sourcesAt(from: FileSource, word: string): FoundSource[] {
  return matchingPaths(from, word).flatMap((path) => {
    const at = resolvePath(from, path);
    const info = from.find(at);
    const name = path.slice(path.lastIndexOf('/') + 1);
    return info === undefined ? [] : [treeSource(from, { path: at, info, name, beneath: undefined })];
  });
}

/** `--parents`: links above the pivot `/./` are followed, none beneath it. */
function sourcesBeneath(from: FileSource, word: string): FoundSource[] {
  const pivot = word.indexOf('/./');
  const [above, below] = pivot < 0 ? ['', word] : [word.slice(0, pivot), word.slice(pivot + 3)];
  return matchingPaths(from, above).flatMap((directory) => {
    const base = resolvePath(from, directory);
    return pathsBeneath(from, base, below).flatMap((beneath) => {
      const path = joinNames(base, beneath);
      const info = from.find(path);
      const name = path.slice(path.lastIndexOf('/') + 1);
      return info === undefined ? [] : [treeSource(from, { path, info, name, beneath })];
    });
  });
}

const treeSource = (
  files: FileSource,
  found: Pick<FoundSource & { kind: 'tree' }, 'path' | 'info' | 'name' | 'beneath'>,
): FoundSource => ({ kind: 'tree', files, ...found, keepsTimes: !('treeDigest' in files) });

function missing({ kind, style, from }: CopyRequest, word: string): EngineError {
  const path = cleaned(`/${word}`);
  const message =
    style !== 'classic'
      ? `failed to calculate checksum of ref: ${JSON.stringify(`/${path}`)}: not found`
      : `${kind} failed: ${excluded(from)}stat ${path}: file does not exist`;
  return new EngineError('notFound', message);
}

const excluded = (from: FileSource): string =>
  'treeDigest' in from ? 'file not found in build context or excluded by .dockerignore: ' : '';

/**
 * What a directory holds that is not left out: each path relative to it, directories before what is in them.
 *
 * @param beneath what patterns see before each path
 */
export function* walk(
  files: FileSource,
  root: ByteString,
  exclude: IgnorePatterns,
  beneath: ByteString = '',
): Generator<readonly [path: ByteString, info: FileInfo]> {
  const ahead = files.list(root).toReversed().slice();
  while (ahead.length > 0) {
    const path = ahead.pop()!;
    const at = joinNames(root, path);
    const info = files.find(at);
    if (info === undefined) continue;
    const seen = exclude.isEmpty ? '' : shownName(joinNames(beneath, path));
    const ignored = !exclude.isEmpty && exclude.ignores(seen);
    if (!ignored) yield [path, info];
    if (info.type !== 'directory') continue;
    if (ignored && !exclude.mayHoldExceptions(seen)) continue;
    for (const name of files.list(at).toReversed()) ahead.push(`${path}/${name}`);
  }
}

/** A heredoc among the sources. */
export function documentSource({ heredocs }: CopyRequest, word: string): FoundSource {
  const name = word
    .slice(2)
    .replace(/^-/, '')
    .replace(/^(["'])(.*)\1$/, '$2');
  const document = heredocs.find((one) => one.name === name);
  if (document === undefined) throw invalid(`no heredoc named ${name}`);
  const bytes = Buffer.from(document.content);
  return {
    kind: 'bytes',
    word,
    name: fromText(name),
    digest: '',
    size: bytes.length,
    mode: 0o644,
    modified: undefined,
    open: async function* () {
      yield bytes;
    },
  };
}
