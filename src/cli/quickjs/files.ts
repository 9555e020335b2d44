import { call, checked, host } from './host.ts';

/** asm-generic/fcntl.h, with O_CLOEXEC always. */
const readOnly = 0x80000;
const writeNew = 0x80000 | 1 | 0x40 | 0x200; // O_WRONLY | O_CREAT | O_TRUNC
const exclusive = 0x80;
const atFdCwd = -100;
const chunkSize = 1 << 18;

const open = (path: string, flags: number, mode = 0): number =>
  checked('open', call('openat', atFdCwd, path, flags, mode), path);

/** The bytes of an open file until its end. */
function* chunks(fd: number, path: string): Generator<Uint8Array, void, void> {
  for (;;) {
    const buffer = new Uint8Array(chunkSize);
    const length = checked('read', call('read', fd, buffer, chunkSize), path);
    if (length === 0) return;
    yield buffer.subarray(0, length);
  }
}

function writeAll(fd: number, bytes: Uint8Array, path: string): void {
  for (let rest = bytes; rest.length > 0; ) {
    rest = rest.subarray(checked('write', call('write', fd, rest, rest.length), path));
  }
}

export function readText(path: string): string {
  const fd = open(path, readOnly);
  try {
    const parts = [...chunks(fd, path)];
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole.length === 0 ? '' : host.decode(whole);
  } finally {
    call('close', fd);
  }
}

/** Undefined when there is no such file. */
export function findText(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

export const loadText = async (path: string): Promise<string | undefined> => findText(path);

function writeText(path: string, text: string, flags: number, mode: number): void {
  const fd = open(path, flags, mode);
  try {
    writeAll(fd, new Uint8Array(host.encode(text)), path);
  } finally {
    call('close', fd);
  }
}

/** Writes a whole file under another name and renames it into place, readable by its owner alone. */
export function replaceText(path: string, text: string): void {
  const temporary = `${path}.${call('getpid')}.tmp`;
  makeFolders(path.slice(0, path.lastIndexOf('/')));
  writeText(temporary, text, writeNew, 0o600);
  checked('rename', call('rename', temporary, path), path);
}

function makeFolders(path: string): void {
  if (path === '' || exists(path)) return;
  makeFolders(path.slice(0, path.lastIndexOf('/')));
  const made = call('mkdir', path, 0o700);
  if (made !== -17) checked('mkdir', made, path);
}

/** Creates a file that must not exist yet. */
export function createText(path: string, text: string): void {
  writeText(path, text, writeNew | exclusive, 0o644);
}

export const exists = (path: string): boolean => call('access', path, 0) === 0;

/** struct stat's st_mode (asm/stat.h) and S_IFDIR. */
export function isDirectory(path: string): boolean {
  const stat = new Uint32Array(36);
  if (call('newfstatat', atFdCwd, path, stat, 0) !== 0) return false;
  const mode = stat[6]!;
  return (mode & 0o170000) === 0o040000 || (stat[4]! & 0o170000) === 0o040000;
}

export function remove(path: string): void {
  const removed = call('unlink', path);
  if (removed !== -2) checked('unlink', removed, path);
}

/** The path from the root, without `.`, `..` or doubled slashes; names are not looked up. */
export function absolute(path: string): string {
  const names: string[] = [];
  for (const name of (path.startsWith('/') ? path : `${currentFolder()}/${path}`).split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

function currentFolder(): string {
  const buffer = new Uint8Array(4096);
  const length = checked('getcwd', call('getcwd', buffer, buffer.length));
  return host.decode(buffer.subarray(0, length - 1));
}

export async function* readFile(path: string): AsyncGenerator<Uint8Array, void, void> {
  const fd = open(path, readOnly);
  try {
    yield* chunks(fd, path);
  } finally {
    call('close', fd);
  }
}

/** Writes a stream to a file that appears under its name once it is whole. */
export async function writeFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${call('getpid')}.tmp`;
  const fd = open(temporary, writeNew, 0o600);
  try {
    for await (const chunk of bytes) writeAll(fd, chunk, path);
    checked('rename', call('rename', temporary, path), path);
  } catch (error) {
    call('unlink', temporary);
    throw error;
  } finally {
    call('close', fd);
  }
}
