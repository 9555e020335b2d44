import { createReadStream, lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { endOfTar, fromText, headerOf, type NewEntry, paddingFor } from '#archive/index.ts';

/** A file, link or folder with all in it, as a tar in which it has another name. */
export async function* treeTar(
  path: string,
  { name, followLink }: { name: string; followLink: boolean },
): AsyncGenerator<Uint8Array, void, void> {
  yield* members(path, name, (followLink ? statSync : lstatSync)(path));
  yield endOfTar;
}

async function* members(path: string, name: string, stat: Stats): AsyncGenerator<Uint8Array, void, void> {
  const entry = entryOf(path, name, stat);
  // sockets are nothing that can be copied
  if (entry === undefined) return;
  yield headerOf(entry);
  if (entry.type === 'file') yield* body(path, stat.size);
  if (entry.type !== 'directory') return;
  for (const child of readdirSync(path).sort()) {
    yield* members(join(path, child), `${name}/${child}`, lstatSync(join(path, child)));
  }
}

function entryOf(path: string, name: string, stat: Stats): NewEntry | undefined {
  const seconds = Math.floor(stat.mtimeMs / 1000);
  const common = {
    name: fromText(stat.isDirectory() ? `${name}/` : name),
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    modified: { seconds, nanoseconds: Math.round((stat.mtimeMs - seconds * 1000) * 1e6) },
  };
  const device = {
    major: (stat.rdev >> 8) & 0xfff,
    minor: (stat.rdev & 0xff) | ((stat.rdev >> 12) & 0xfff00),
  };
  if (stat.isFile()) return { ...common, type: 'file', size: stat.size };
  if (stat.isDirectory()) return { ...common, type: 'directory' };
  if (stat.isSymbolicLink()) return { ...common, type: 'symlink', linkName: fromText(readlinkSync(path)) };
  if (stat.isFIFO()) return { ...common, type: 'fifo' };
  if (stat.isCharacterDevice()) return { ...common, type: 'charDevice', ...device };
  return stat.isBlockDevice() ? { ...common, type: 'blockDevice', ...device } : undefined;
}

/** Exactly as many bytes as the header says, though the file may change while it is read. */
async function* body(path: string, size: number): AsyncGenerator<Uint8Array, void, void> {
  let left = size;
  if (size > 0) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, end: size - 1 })) {
      left -= (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
  }
  if (left > 0) yield new Uint8Array(left);
  yield paddingFor(size);
}
