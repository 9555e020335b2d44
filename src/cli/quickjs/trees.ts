import { call, checked, host } from './host.ts';

/** Files whose names need not be UTF-8 (`../platform-trees.ts`): paths are byte strings, each character a byte. */

const chunkSize = 1 << 18;
const atFdCwd = -100;
const readOnly = 0x80000; // O_CLOEXEC

function zeroEnded(path: string): Uint8Array {
  const bytes = new Uint8Array(path.length + 1);
  for (let i = 0; i < path.length; i += 1) bytes[i] = path.charCodeAt(i);
  return bytes;
}

export function listFolder(path: string, prefix: string): readonly string[] {
  const listed = host.list(zeroEnded(path), zeroEnded(prefix));
  return typeof listed === 'number' ? fail('open', listed, path) : listed;
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

/** FIPS 180-4 § 5.3.3 */
const initial = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const shared = new Uint8Array(chunkSize);

export async function sha256OfFile(path: string): Promise<string> {
  const fd = checked('open', call('openat', atFdCwd, zeroEnded(path), readOnly, 0), path);
  try {
    const state = new Uint32Array(26);
    state.set(initial);
    for (let read = 0; ; ) {
      const length = checked('read', call('read', fd, shared, chunkSize), path);
      if (length === 0) break;
      host.sha256(state, shared, length);
      read += length;
      // signals are heard in between
      if (read % (1 << 24) < length) await new Promise<void>((resolve) => setTimeout(resolve, 0));
    }
    host.sha256(state, shared, -1);
    return hex(new Uint8Array(state.buffer, 0, 32));
  } finally {
    call('close', fd);
  }
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hex = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += digits[byte]!;
  return text;
};
