/**
 * The part of the platform that reads trees of files for build contexts. Names need not be UTF-8: paths are byte
 * strings, each character a byte (`#archive/tar-entry.ts`).
 */

function module<T>(name: string): T {
  return process.getBuiltinModule(name) as T;
}

const fs = () => module<typeof import('node:fs')>('node:fs');
const bytesOf = (path: string) => Buffer.from(path, 'latin1');

/** The entries of a folder, in order of their names' bytes; each text has all of them, for there may be a million. */
export interface FolderListing {
  /** `f`, `d`, `l` or `p`: a character each. */
  readonly kinds: string;
  /** Paths from the listing's root, a NUL between each two. */
  readonly paths: string;
  /** Rows of a listing (`ContextFile` of `#api/build.ts`) as JSON, `rowSeparator` between each two. */
  readonly rows: string;
}

/** No row has a line feed in it. */
export const rowSeparator = ',\n';

/**
 * What is in a folder: sockets and devices are left out, and what goes away meanwhile.
 *
 * @param prefix of the paths told
 * @throws an error with `code` when the folder cannot be read
 */
export function listFolder(path: string, prefix: string): FolderListing {
  const names = fs().readdirSync(bytesOf(path), { encoding: 'buffer' }).sort(Buffer.compare);
  const listed = names
    .map((name) => entryOf(path, prefix, name.toString('latin1')))
    .filter((entry) => entry !== undefined);
  return {
    kinds: listed.map(([kind]) => kind).join(''),
    paths: listed.map(([, entryPath]) => entryPath).join('\0'),
    rows: listed.map(([, , row]) => row).join(rowSeparator),
  };
}

function entryOf(folder: string, prefix: string, name: string): [string, string, string] | undefined {
  const at = bytesOf(`${folder}/${name}`);
  const stat = fs().lstatSync(at, { bigint: true, throwIfNoEntry: false });
  const t = stat && kindOf(Number(stat.mode));
  if (stat === undefined || t === undefined) return undefined;
  const row = {
    t,
    p: prefix + name,
    ...(t === 'l' && { l: fs().readlinkSync(at, { encoding: 'buffer' }).toString('latin1') }),
    m: Number(stat.mode) & 0o7777,
    s: t === 'f' ? Number(stat.size) : 0,
    k: `${stat.mtimeNs}.${stat.ctimeNs}.${stat.ino}`,
  };
  return [t, row.p, JSON.stringify(row)];
}

/** By the file type of stat(2)'s st_mode. */
function kindOf(mode: number): 'f' | 'd' | 'l' | 'p' | undefined {
  switch (mode & 0o170000) {
    case 0o100000:
      return 'f';
    case 0o040000:
      return 'd';
    case 0o120000:
      return 'l';
    case 0o010000:
      return 'p';
    default:
      return undefined;
  }
}

/** A file's bytes. */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array, void, void> {
  // Bun opens no stream by a path of bytes
  const fd = fs().openSync(bytesOf(path), 'r');
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(1 << 18);
      const length = await new Promise<number>((resolve, reject) => {
        fs().read(fd, buffer, 0, buffer.length, null, (error, read) =>
          error ? reject(error) : resolve(read),
        );
      });
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    fs().closeSync(fd);
  }
}

/** The SHA-256 of texts, a NUL after each, in hexadecimal. */
export function sha256OfTexts(texts: readonly string[]): string {
  const hash = module<typeof import('node:crypto')>('node:crypto').createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex');
}

/** The SHA-256 of a file's bytes, in hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = module<typeof import('node:crypto')>('node:crypto').createHash('sha256');
  for await (const chunk of readBytes(path)) hash.update(chunk);
  return hash.digest('hex');
}
