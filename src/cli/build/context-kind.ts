/** What the one argument of `build` is. */
export type ContextKind =
  | { readonly kind: 'stdin' }
  | { readonly kind: 'remote'; readonly url: string }
  | { readonly kind: 'directory'; readonly path: string };

/**
 * Tells a URL, a git repository and a directory apart as Docker does.
 *
 * @param exists whether a path is there: `github.com/…` may be one
 */
export function contextKind(argument: string, exists: (path: string) => boolean): ContextKind {
  if (argument === '-') return { kind: 'stdin' };
  if (/^https?:\/\//.test(argument)) return { kind: 'remote', url: argument };
  if (/^(git|ssh|git\+ssh):\/\//.test(argument)) return { kind: 'remote', url: argument };
  if (/^[\w.-]+@[\w.-]+:/.test(argument) && !exists(argument)) return { kind: 'remote', url: argument };
  if (argument.startsWith('github.com/') && !exists(argument))
    return { kind: 'remote', url: `https://${argument}` };
  return { kind: 'directory', path: argument };
}

/** The bytes with which each compression begins. */
const magics: readonly (readonly number[])[] = [
  [0x1f, 0x8b],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  [0x28, 0xb5, 0x2f, 0xfd],
];

/** How much of a stream tells whether it is an archive: a tar's header. */
export const archiveHeaderSize = 512;

/** Whether a stream that begins so is a tar, plain or compressed; else it is a Dockerfile. */
export function isArchive(head: Uint8Array): boolean {
  if (magics.some((magic) => magic.every((byte, i) => head[i] === byte))) return true;
  if (head.length < archiveHeaderSize) return false;
  const written = [...head.subarray(148, 156)].map((byte) => String.fromCharCode(byte)).join('');
  const found = /^ *([0-7]+)[ \0]/.exec(written);
  if (found === null) return false;
  let sum = 8 * 0x20;
  for (let i = 0; i < archiveHeaderSize; i++) if (i < 148 || i >= 156) sum += head[i]!;
  return sum === Number.parseInt(found[1]!, 8);
}
