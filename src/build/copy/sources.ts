import type { FileInfo, FileSource } from '#archive/file-source.ts';
import type { IgnorePatterns } from '#archive/path-pattern.ts';
import { type ByteString, fromText, shownName } from '#archive/tar-entry.ts';
import { EngineError, invalid } from '#base/errors.ts';
import type { CopyRequest } from './copy.ts';
import { matchingPaths } from './matches.ts';
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
      readonly name: ByteString;
      readonly digest: string;
      readonly size: number;
      readonly mode: number;
      readonly modified: number | undefined;
      readonly open: () => AsyncIterable<Uint8Array>;
    };

/** What the words of a COPY mean in its tree. @throws {EngineError} `notFound` */
export function treeSources(request: CopyRequest, word: string): FoundSource[] {
  const { from, parents } = request;
  const pivot = parents ? word.indexOf('/./') : -1;
  const [before, after] = pivot < 0 ? ['', word] : [word.slice(0, pivot), word.slice(pivot + 3)];
  const paths = matchingPaths(from, pivot < 0 ? word : `${before}/${after}`);
  if (paths.length === 0) throw missing(word);
  const depth = before.split('/').filter((part) => part !== '' && part !== '.').length;
  return paths.map((path) => {
    const at = resolvePath(from, path);
    const info = from.find(at)!;
    return {
      kind: 'tree',
      files: from,
      path: at,
      info,
      name: path.slice(path.lastIndexOf('/') + 1),
      beneath: parents ? path.split('/').slice(depth).join('/') : undefined,
      keepsTimes: !('treeDigest' in from),
    };
  });
}

const missing = (word: string): EngineError => {
  const path = `/${word.replace(/^(\.?\/)+/, '')}`;
  return new EngineError(
    'notFound',
    `failed to calculate checksum of ref: ${JSON.stringify(path)}: not found`,
  );
};

/** What a directory holds that is not left out: each path relative to it, directories before what is in them. */
export function* walk(
  files: FileSource,
  root: ByteString,
  exclude: IgnorePatterns,
): Generator<readonly [path: ByteString, info: FileInfo]> {
  const ahead = files.list(root).toReversed().slice();
  while (ahead.length > 0) {
    const path = ahead.pop()!;
    const at = root === '' ? path : `${root}/${path}`;
    const info = files.find(at);
    if (info === undefined) continue;
    const ignored = !exclude.isEmpty && exclude.ignores(shownName(path));
    if (!ignored) yield [path, info];
    if (info.type !== 'directory') continue;
    if (ignored && !exclude.mayHoldExceptions(shownName(path))) continue;
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
