import type { FolderListing } from '../platform-trees.ts';
import { call, checked, host } from './host.ts';
import { Sha256 } from './sha256.ts';

/** Files whose names need not be UTF-8 (`../platform-trees.ts`): paths are byte strings, each character a byte. */

export { rowSeparator } from '../platform-trees.ts';

const chunkSize = 1 << 18;
const atFdCwd = -100;
const readOnly = 0x80000; // O_CLOEXEC

function zeroEnded(path: string): Uint8Array {
  const bytes = new Uint8Array(path.length + 1);
  for (let i = 0; i < path.length; i += 1) bytes[i] = path.charCodeAt(i);
  return bytes;
}

export function listFolder(path: string, prefix: string): FolderListing {
  const listed = host.list(zeroEnded(path), zeroEnded(prefix));
  if (typeof listed === 'number') return fail('open', listed, path);
  const [kinds, paths, rows] = listed;
  return { kinds, paths, rows };
}

const fail = (name: string, result: number, path: string): never => {
  checked(name, result, path);
  throw new Error('unreachable');
};

export async function* readBytes(path: string): AsyncGenerator<Uint8Array, void, void> {
  const fd = checked('open', call('openat', atFdCwd, zeroEnded(path), readOnly, 0), path);
  try {
    for (;;) {
      const buffer = new Uint8Array(chunkSize);
      const length = checked('read', call('read', fd, buffer, chunkSize), path);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    call('close', fd);
  }
}

const shared = new Uint8Array(chunkSize);
const nul = new Uint8Array(1);

export function sha256OfTexts(texts: readonly string[]): string {
  const hash = new Sha256();
  for (const text of texts) hash.update(new Uint8Array(host.encode(text))).update(nul);
  return hash.hex();
}

export async function sha256OfFile(path: string): Promise<string> {
  const fd = checked('open', call('openat', atFdCwd, zeroEnded(path), readOnly, 0), path);
  try {
    const hash = new Sha256();
    for (let read = 0; ; ) {
      const length = checked('read', call('read', fd, shared, chunkSize), path);
      if (length === 0) return hash.hex();
      hash.update(shared, length);
      read += length;
      // signals are heard in between
      if (read % (1 << 24) < length) await new Promise<void>((resolve) => setTimeout(resolve, 0));
    }
  } finally {
    call('close', fd);
  }
}
