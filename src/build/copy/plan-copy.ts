import { createHash } from 'node:crypto';
import type { FileInfo, FileSource } from '#archive/file-source.ts';
import { excludePatterns, type IgnorePatterns } from '#archive/path-pattern.ts';
import { type ByteString, joinNames, shownName } from '#archive/tar-entry.ts';
import { EngineError, invalid, kindOf, messageOf } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import type { Context } from '../context/context.ts';
import { isArchive } from './archives.ts';
import { modeChange } from './chmod.ts';
import type { CopyPlan, CopyRequest, PlanCopy } from './copy.ts';
import { ownerOf } from './owner.ts';
import { isRemote, remoteSource } from './remote.ts';
import { documentSource, type FoundSource, treeSources, walk } from './sources.ts';
import { layerOf, namesDirectory, needsDirectory } from './write-layer.ts';

/**
 * Finds what a COPY or ADD copies, and its content; nothing is written yet.
 *
 * @throws {EngineError} `notFound`, `invalid` in Docker's words
 */
export const planCopy: PlanCopy = async (request, rooms) => {
  checkRequest(request);
  await using opened = new AsyncDisposableStack();
  const sources: FoundSource[] = [];
  for (const word of request.sources) {
    if (word.startsWith('<<')) sources.push(documentSource(request, word));
    else if (request.kind === 'ADD' && isRemote(word))
      sources.push(await remoteSource(request, word, rooms, opened).catch(inWordsOf(request)));
    else for (const source of treeSources(request, word)) sources.push(await unpacked(request, source));
  }
  if (sources.length === 0 && request.style === 'classic')
    throw invalid(`${request.kind} failed: no source files were specified`);
  const exclude = excludePatterns(request.exclude);
  const digest = await digestOfAll(request, sources, exclude);
  const held = opened.move();
  return {
    digest,
    get files() {
      return namedFiles(sources, exclude);
    },
    classicName: classicName(sources, digest),
    layer: (root) => layer(request, { sources, exclude, root }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  } satisfies CopyPlan;
};

/** What became of a source elsewhere, as the builder that was asked says it. */
const inWordsOf =
  ({ kind, style }: CopyRequest) =>
  (error: unknown): never => {
    if (style !== 'classic') throw error;
    throw new EngineError(kindOf(error), `${kind} failed: ${messageOf(error)}`, { cause: error });
  };

async function* layer(
  request: CopyRequest,
  given: {
    readonly sources: readonly FoundSource[];
    readonly exclude: IgnorePatterns;
    readonly root: FileSource | undefined;
  },
): AsyncGenerator<Uint8Array> {
  yield* layerOf({
    request,
    ...given,
    owner: request.chown === undefined ? undefined : await ownerOf(request.chown, given.root),
    mode: request.chmod === undefined ? undefined : modeChange(request.chmod),
  });
}

function checkRequest(request: CopyRequest): void {
  const { sources, destination, kind, chmod, checksum } = request;
  if (sources.length === 0)
    throw invalid(`${kind} requires at least two arguments, but only one was provided.`);
  if (destination === '') throw invalid(`${kind} destination is empty`);
  if (sources.length > 1 && !request.parents && !namesDirectory(destination)) throw needsDirectory(kind);
  if (chmod !== undefined) modeChange(chmod);
  if (checksum === undefined) return;
  if (sources.length > 1) throw invalid("checksum can't be specified for multiple sources");
  if (!isRemote(sources[0]!)) throw invalid('checksum requires HTTP(S) or Git sources');
}

/** ADD unpacks archives of the context, told by what they hold. */
async function unpacked(request: CopyRequest, source: FoundSource): Promise<FoundSource> {
  if (request.kind !== 'ADD' || source.kind !== 'tree' || source.info.type !== 'file') return source;
  if (request.unpack === false) return source;
  const { files, path } = source;
  const open = () => files.open(path);
  if (!(await isArchive(open()))) {
    if (request.unpack === true) throw invalid(`${JSON.stringify(shownName(path))} is no archive`);
    return source;
  }
  return { kind: 'archive', name: shownName(source.name), digest: await contentOf(request, source), open };
}

const isContext = (files: FileSource): files is Context => 'treeDigest' in files;

async function digestOfAll(
  request: CopyRequest,
  sources: readonly FoundSource[],
  exclude: IgnorePatterns,
): Promise<Digest> {
  const { chown = '', chmod = '', destination, workingDirectory, link, parents, unpack, kind } = request;
  const hash = createHash('sha256');
  const add = (...texts: readonly unknown[]) => hash.update(`${JSON.stringify(texts)}\n`);
  add(
    'copy.v1',
    kind,
    chown,
    chmod,
    destination,
    workingDirectory,
    link,
    parents,
    unpack ?? null,
    request.exclude,
  );
  for (const source of sources) {
    if (source.kind === 'tree')
      add(
        'tree',
        source.name,
        source.beneath ?? null,
        source.info.type,
        await contentOf(request, source, exclude),
      );
    else if (source.kind === 'archive') add('archive', source.name, source.digest);
    else {
      const content = source.digest === '' ? await hashed(source.open()) : source.digest;
      add('bytes', source.name, source.mode, source.modified ?? null, content);
    }
  }
  return `sha256:${hash.digest('hex')}`;
}

async function hashed(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}

/** The content of a tree: of a stage the stage's own, which stands for all that is in it. */
async function contentOf(
  { fromKey }: CopyRequest,
  { files, path, info, beneath }: FoundSource & { readonly kind: 'tree' },
  exclude?: IgnorePatterns,
): Promise<string> {
  if (isContext(files)) {
    if (exclude === undefined || exclude.isEmpty || info.type !== 'directory') return files.treeDigest(path);
    const hash = createHash('sha256');
    for (const [inner, found] of walk(files, path, exclude, beneath)) {
      const at = joinNames(path, inner);
      hash.update(`${inner}\0${found.type === 'directory' ? found.mode : files.treeDigest(at)}\0`);
    }
    return hash.digest('hex');
  }
  if (fromKey !== undefined) return `${fromKey} ${path}`;
  const hash = createHash('sha256');
  const add = async (inner: ByteString, found: FileInfo) => {
    const { type, mode, uid, gid, linkName, major, minor } = found;
    const at = joinNames(path, inner);
    const content = type === 'file' ? await files.digestOf(at) : '';
    const xattrs = [...found.xattrs].map(([name, value]) => [name, value.toString('base64')]).sort();
    hash.update(
      `${JSON.stringify([inner, type, mode, uid, gid, linkName, major, minor, xattrs, content])}\n`,
    );
  };
  await add('', info);
  for (const [inner, found] of walk(files, path, exclude ?? excludePatterns([]), beneath))
    await add(inner, found);
  return hash.digest('hex');
}

/** Each file of a context by its path there, for reasons. */
function namedFiles(sources: readonly FoundSource[], exclude: IgnorePatterns): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const source of sources) {
    if (source.kind !== 'tree' || !isContext(source.files)) continue;
    const { files, path, info, beneath } = source;
    if (info.type !== 'directory') named.set(shownName(path), short(files.treeDigest(path)));
    else
      for (const [inner, found] of walk(files, path, exclude, beneath)) {
        const at = joinNames(path, inner);
        if (found.type !== 'directory') named.set(shownName(at), short(files.treeDigest(at)));
      }
  }
  return named;
}

const short = (digest: string): string => digest.slice(7, 19);

function classicName(sources: readonly FoundSource[], digest: Digest): string {
  const hex = digest.slice('sha256:'.length);
  if (sources.length > 1) return `multi:${hex}`;
  const [source] = sources;
  return source?.kind === 'tree' && source.info.type === 'directory' ? `dir:${hex}` : `file:${hex}`;
}
