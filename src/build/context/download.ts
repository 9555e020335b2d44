import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { type Digest, parseDigest } from '#oci/digest.ts';
import type { Paths } from '#state/paths.ts';
import type { Download } from './context.ts';
import { FileRanges } from './file-range.ts';
import { httpGet } from './http-get.ts';

/**
 * One file by URL, kept in the spool until it is disposed.
 *
 * @throws {EngineError} `invalid` when it is not what the checksum says; as `httpGet`
 */
export async function download(
  url: string,
  options: {
    readonly paths: Paths;
    readonly checksum?: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Download> {
  const { paths, signal } = options;
  const checksum = options.checksum === undefined ? undefined : parseDigest(options.checksum);
  const path = paths.buildFolder('spool', newId());
  try {
    await using answer = await httpGet(url, signal);
    const found = await keep(path, answer.body, checksum);
    if (checksum !== undefined && found.checked !== checksum)
      throw invalid(`digest mismatch for ${url}: ${found.checked} (expected: ${checksum})`);
    const ranges = new FileRanges(path);
    return {
      name: nameOf(url, answer.headers),
      digest: found.digest,
      size: found.size,
      modified: modifiedOf(answer.headers),
      open: () => ranges.read(0, found.size),
      [Symbol.asyncDispose]: async () => {
        await rm(path, { force: true });
        await ranges[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function keep(
  path: string,
  source: AsyncIterable<Uint8Array>,
  checksum: Digest | undefined,
): Promise<{ readonly digest: Digest; readonly checked: Digest; readonly size: number }> {
  await using file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  const other = checksum?.startsWith('sha512:') === true ? createHash('sha512') : undefined;
  let size = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    other?.update(chunk);
    size += chunk.length;
    await file.writeFile(chunk);
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  return { digest, checked: other === undefined ? digest : `sha512:${other.digest('hex')}`, size };
}

/** The last component of the URL's path; else what the server calls it; else ''. Never with a slash in it. */
export function nameOf(address: string, headers: IncomingHttpHeaders): string {
  const path = URL.parse(address)?.pathname ?? '';
  const last = baseName(decoded(path));
  if (last !== '' && !path.endsWith('/')) return last;
  const disposition = headers['content-disposition'] ?? '';
  const named = /(?:^|;)\s*filename="?([^";]+)"?/i.exec(disposition)?.[1];
  return named === undefined ? '' : baseName(named);
}

const baseName = (path: string): string => {
  const name = path.replace(/\/+$/, '').split('/').at(-1)!;
  return name === '.' || name === '..' || name.includes('\0') ? '' : name;
};

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function modifiedOf(headers: IncomingHttpHeaders): number {
  const time = Date.parse(headers['last-modified'] ?? '');
  return Number.isFinite(time) && time > 0 ? Math.floor(time / 1000) : 0;
}
