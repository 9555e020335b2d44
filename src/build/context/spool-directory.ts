import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, rm } from 'node:fs/promises';
import { type ByteString, fromBytes, joinNames, toBytes } from '#archive/tar-entry.ts';
import { newId } from '#base/id.ts';
import type { Paths } from '#state/paths.ts';
import { PackWriter } from './pack-writer.ts';
import { type SpooledTree, spooledTree } from './spool.ts';
import { TreeBuilder } from './tree-builder.ts';

/**
 * Keeps the files of a checkout as one file of the spool. Modes are as git has them, whatever the umask: 0644, or 0755 for
 * directories and what its owner may execute. No link is followed.
 *
 * @throws what reading and the signal throw. Nothing stays.
 */
export async function spoolDirectory(
  folder: string,
  options: {
    readonly paths: Paths;
    /** Left out wherever it stands: `.git`. */
    readonly without: ByteString | undefined;
    readonly signal: AbortSignal;
  },
): Promise<SpooledTree> {
  const { paths, without, signal } = options;
  const name = newId();
  const path = paths.buildFolder('spool', name);
  const builder = new TreeBuilder({ followLinks: false });
  try {
    await using writer = new PackWriter(name, path);
    for await (const [relative, type] of walk(Buffer.from(folder), '', without)) {
      signal.throwIfAborted();
      const full = Buffer.concat([Buffer.from(`${folder}/`), toBytes(relative)]);
      if (type === 'directory') builder.put(relative, { type, mode: 0o755 });
      else if (type === 'symlink') {
        const linkName = fromBytes(await readlink(full, { encoding: 'buffer' }));
        builder.put(relative, { type, mode: 0o777, linkName });
      } else await addFile(builder, writer, { relative, full });
    }
    await writer.finish();
    return spooledTree(path, builder.tree, writer.size);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function* walk(
  root: Buffer,
  directory: ByteString,
  without: ByteString | undefined,
): AsyncGenerator<readonly [ByteString, 'directory' | 'symlink' | 'file']> {
  const full = directory === '' ? root : Buffer.concat([root, Buffer.from('/'), toBytes(directory)]);
  const names = (await readdir(full, { encoding: 'buffer' })).map(fromBytes).sort();
  for (const name of names) {
    if (name === without) continue;
    const path = joinNames(directory, name);
    const found = await lstat(Buffer.concat([root, Buffer.from('/'), toBytes(path)]));
    if (found.isSymbolicLink()) yield [path, 'symlink'];
    else if (found.isFile()) yield [path, 'file'];
    else if (found.isDirectory()) {
      yield [path, 'directory'];
      yield* walk(root, path, without);
    }
  }
}

async function addFile(
  builder: TreeBuilder,
  writer: PackWriter,
  file: { readonly relative: ByteString; readonly full: Buffer },
): Promise<void> {
  await using handle: FileHandle = await open(file.full, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { mode } = await handle.stat();
  const offset = writer.size;
  for await (const chunk of handle.createReadStream({ highWaterMark: 1 << 18, autoClose: false })) {
    writer.append(chunk as Buffer);
    await writer.flush();
  }
  const { digest, size } = writer.endFile();
  const node = builder.put(file.relative, {
    type: 'file',
    mode: (mode & 0o100) === 0 ? 0o644 : 0o755,
    size,
    offset,
  });
  builder.tree.setDigest(node, Buffer.from(digest.slice('sha256:'.length), 'hex'));
}
