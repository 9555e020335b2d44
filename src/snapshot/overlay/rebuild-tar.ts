import { closeSync, createReadStream, fstatSync } from 'node:fs';
import { join } from 'node:path';
import { decompressed } from '#archive/compression.ts';
import { toBytes } from '#archive/tar-entry.ts';
import { internal } from '#base/errors.ts';
import { AT_FDCWD, O, openAt, openBeneath } from '#linux/index.ts';
import { bytesOf } from '../tree/pack.ts';
import { type RecordedBody, readBodies } from './tar-record.ts';

/** The tar again: what was recorded, with the files' bytes put in. */
export async function* rebuilt(path: string): AsyncGenerator<Uint8Array> {
  const layer = openAt(AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
  try {
    const bodies = readBodies(join(path, 'bodies.zst'));
    let next = (await bodies.next()).value as RecordedBody | undefined;
    let position = 0;
    async function* due(): AsyncGenerator<Uint8Array> {
      for (
        ;
        next !== undefined && next.at === position;
        next = (await bodies.next()).value as RecordedBody | undefined
      )
        yield* bodyOf(layer, next);
    }
    yield* due();
    for await (const chunk of decompressed(createReadStream(join(path, 'record.zst')))) {
      for (let from = 0; from < chunk.length; ) {
        const until = next === undefined ? chunk.length : Math.min(chunk.length, from + next.at - position);
        if (until > from) yield chunk.subarray(from, until);
        position += until - from;
        from = until;
        yield* due();
      }
    }
  } finally {
    closeSync(layer);
  }
}

async function* bodyOf(layer: number, { path, segments }: RecordedBody): AsyncGenerator<Uint8Array> {
  const [folder, rest] = [path.slice(0, path.indexOf('/')), path.slice(path.indexOf('/') + 1)];
  const root = openAt(layer, folder, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  let fd: number | undefined;
  try {
    fd = openBeneath(root, toBytes(rest), O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
    const { size } = fstatSync(fd);
    for (const { offset, length } of segments) {
      if (offset + length > size) throw internal('a file of the layer is cut short');
      yield* bytesOf(fd, { offset, length });
    }
  } finally {
    if (fd !== undefined) closeSync(fd);
    closeSync(root);
  }
}
