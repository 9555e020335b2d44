import type { FileInfo, FileSource } from '#archive/file-source.ts';
import { type ByteString, joinNames } from '#archive/tar-entry.ts';
import { endOfTar, headerOf, paddingFor } from '#archive/write-tar.ts';

/** A whole tree as a tar, sorted, as it is: owners, modes, times, hard links. Devices too. */
export async function* treeTar(files: FileSource): AsyncGenerator<Uint8Array> {
  yield* directoryTar(files, '', new Map());
  yield endOfTar;
}

async function* directoryTar(
  files: FileSource,
  directory: ByteString,
  seen: Map<string, ByteString>,
): AsyncGenerator<Uint8Array> {
  for (const name of files.list(directory)) {
    const path = joinNames(directory, name);
    const info = files.find(path);
    if (info === undefined) continue;
    yield* entryTar(files, path, info, seen);
    if (info.type === 'directory') yield* directoryTar(files, path, seen);
  }
}

async function* entryTar(
  files: FileSource,
  path: ByteString,
  info: FileInfo,
  seen: Map<string, ByteString>,
): AsyncGenerator<Uint8Array> {
  const { identity, ...entry } = info;
  const first = identity === undefined ? undefined : seen.get(identity);
  if (first !== undefined) {
    yield headerOf({ ...entry, name: path, type: 'hardLink', linkName: first, size: 0 });
    return;
  }
  if (identity !== undefined) seen.set(identity, path);
  yield headerOf({ ...entry, name: info.type === 'directory' ? `${path}/` : path });
  if (info.type !== 'file') return;
  yield* files.open(path);
  yield paddingFor(info.size);
}
