import { rm } from 'node:fs/promises';
import { compressionOf, peeked } from '#archive/compression.ts';
import { blockSize, checksumHolds } from '#archive/tar-fields.ts';
import { endOfTar, memberOf } from '#archive/write-tar.ts';
import { EngineError, invalid, kindOf, messageOf, unsupported } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { readWhole } from '#base/read-whole.ts';
import type { Paths } from '#state/paths.ts';
import { cloneGit } from './git-clone.ts';
import { type GitAddress, gitAddressOf } from './git-url.ts';
import { httpGet, withoutPassword } from './http-get.ts';
import { type SpooledTree, spoolTar } from './spool.ts';
import { spoolDirectory } from './spool-directory.ts';

/** A Dockerfile by URL is no larger. */
const maxText = 4 << 20;

/**
 * What a URL names, as a tree of the spool: a git repository's commit, a tar's files, or a text as the file `Dockerfile`.
 *
 * @throws {EngineError} `unsupported` for a URL of another kind; as `httpGet`, `cloneGit` and `spoolTar`. Nothing stays.
 */
export async function fetchTree(
  url: string,
  options: {
    readonly paths: Paths;
    readonly keepGitDir: boolean;
    readonly signal: AbortSignal;
    readonly report: (text: string, current?: number) => void;
  },
): Promise<SpooledTree> {
  const git = gitAddressOf(url);
  if (git !== undefined) return fetchGit(git, options);
  if (!/^https?:\/\//i.test(url)) throw unsupported(`unsupported URL of a build context: ${url}`);
  const { paths, signal, report } = options;
  await using answer = await httpGet(url, signal).catch((error: unknown) => {
    const message = `error downloading remote context ${withoutPassword(url)}: ${messageOf(error)}`;
    throw new EngineError(kindOf(error), message, { cause: error });
  });
  const { start, whole } = await peeked(
    counted(answer.body, (bytes) => report(withoutPassword(url), bytes)),
    blockSize,
  );
  if (isArchive(start)) return await spoolTar(whole, paths, signal);
  return await spoolTar(asDockerfile(whole, url), paths, signal);
}

const reportMilliseconds = 200;

/** Tells how many bytes have passed, now and then and at the end. */
async function* counted(
  body: AsyncIterable<Uint8Array>,
  report: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let reported = Date.now();
  for await (const chunk of body) {
    bytes += chunk.length;
    yield chunk;
    if (Date.now() - reported < reportMilliseconds) continue;
    reported = Date.now();
    report(bytes);
  }
  report(bytes);
}

async function fetchGit(
  address: GitAddress,
  options: {
    readonly paths: Paths;
    readonly keepGitDir: boolean;
    readonly signal: AbortSignal;
    readonly report: (text: string) => void;
  },
): Promise<SpooledTree> {
  const { paths, signal, report } = options;
  const keepGitDirectory = address.keepGitDirectory ?? options.keepGitDir;
  const folder = paths.buildFolder('spool', newId());
  try {
    const { directory } = await cloneGit(address, folder, { keepGitDirectory, signal, report });
    const without = keepGitDirectory ? undefined : '.git';
    return await spoolDirectory(directory, { paths, without, signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isArchive(start: Buffer): boolean {
  if (compressionOf(start) !== 'none') return true;
  if (start.length < blockSize || start[0] === 0) return start.length >= blockSize;
  try {
    return checksumHolds(start);
  } catch {
    return false;
  }
}

/** A tar of a text as the file `Dockerfile`. */
async function* asDockerfile(text: AsyncIterable<Uint8Array>, url: string): AsyncGenerator<Uint8Array> {
  const tooLong = () => invalid(`${withoutPassword(url)} is neither an archive nor a Dockerfile`);
  yield memberOf({ name: 'Dockerfile', type: 'file' }, await readWhole(text, maxText, tooLong));
  yield endOfTar;
}
