import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ByteString } from '#archive/tar-entry.ts';
import { fromBytes, toBytes } from '#archive/tar-entry.ts';
import { digestSize } from './columns.ts';

/** Files whose stamps tell their contents, in the order of the listing they were in. */
export interface KnownFiles {
  readonly paths: readonly ByteString[];
  /** Size and stamp: `12 1700000000000000000.1700000000000000000.42` */
  readonly stamps: readonly string[];
  /** 32 bytes each, end to end. */
  readonly digests: Buffer;
}

export const noKnownFiles: KnownFiles = { paths: [], stamps: [], digests: Buffer.alloc(0) };

/**
 * As it is kept: zstd over the lengths of both texts (u32 each), the paths and the stamps (a NUL between each two), the
 * digests.
 */
export function encodeListing({ paths, stamps, digests }: KnownFiles): Buffer {
  const names = toBytes(paths.join('\0'));
  const keys = toBytes(stamps.join('\0'));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(names.length, 0);
  lengths.writeUInt32LE(keys.length, 4);
  return zstdCompressSync(Buffer.concat([lengths, names, keys, digests]), {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
}

export function decodeListing(stored: Uint8Array): KnownFiles {
  const bytes = zstdDecompressSync(stored);
  const namesEnd = 8 + bytes.readUInt32LE(0);
  const keysEnd = namesEnd + bytes.readUInt32LE(4);
  const digests = bytes.subarray(keysEnd);
  if (digests.length === 0) return noKnownFiles;
  return {
    paths: fromBytes(bytes.subarray(8, namesEnd)).split('\0'),
    stamps: fromBytes(bytes.subarray(namesEnd, keysEnd)).split('\0'),
    digests,
  };
}

/** The digest of the i-th, as a view. */
export const digestAt = (files: KnownFiles, i: number): Buffer =>
  files.digests.subarray(i * digestSize, (i + 1) * digestSize);

/** Finds paths; fast when they are asked for in the order in which they are known. */
export class KnownFinder {
  readonly files: KnownFiles;
  #next = 0;
  #byPath: ReadonlyMap<ByteString, number> | undefined;

  constructor(files: KnownFiles) {
    this.files = files;
  }

  /** @returns its index, -1 when it is not known with this stamp */
  find(path: ByteString, stamp: string): number {
    const { paths, stamps } = this.files;
    if (paths[this.#next] !== path) {
      this.#byPath ??= new Map(paths.map((known, i) => [known, i]));
      const found = this.#byPath.get(path);
      if (found === undefined) return -1;
      this.#next = found;
    }
    const index = this.#next++;
    return stamps[index] === stamp ? index : -1;
  }
}
