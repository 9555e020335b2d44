import { type ByteString, shownName, type TarEntry } from '#archive/tar-entry.ts';
import { invalid } from '#base/errors.ts';

/** What a layer's entry means by its last component. @see OCI image-spec, layer.md § Whiteouts */
export type EntryMeaning =
  | { readonly kind: 'entry' }
  | { readonly kind: 'whiteout'; readonly hidden: ByteString }
  /** The directory hides what lower layers have beneath it. */
  | { readonly kind: 'opaque' }
  /** aufs's own bookkeeping, which old images still carry, and what stands beneath a whiteout. */
  | { readonly kind: 'ignored' };

const whiteoutPrefix = '.wh.';

/** @param components of the entry's name, at least one */
export function meaningOf(components: readonly ByteString[]): EntryMeaning {
  const last = components.at(-1)!;
  if (components.slice(0, -1).some((component) => component.startsWith(whiteoutPrefix)))
    return { kind: 'ignored' };
  if (!last.startsWith(whiteoutPrefix)) return { kind: 'entry' };
  if (last === '.wh..wh..opq') return { kind: 'opaque' };
  if (last.startsWith('.wh..wh.')) return { kind: 'ignored' };
  const hidden = last.slice(whiteoutPrefix.length);
  return hidden === '' || hidden === '.' || hidden === '..'
    ? { kind: 'ignored' }
    : { kind: 'whiteout', hidden };
}

/**
 * The components of a name in a tar, as beneath the root: absolute names are taken as relative, `..` takes back the
 * component before it. None is the root itself.
 *
 * @throws {EngineError} `invalid` when the name leaves the root
 */
export function componentsOf(name: ByteString): ByteString[] {
  if (name.includes('\0')) throw invalid('a NUL in the name');
  const components: ByteString[] = [];
  for (const component of name.split('/')) {
    if (component === '' || component === '.') continue;
    if (component !== '..') components.push(component);
    else if (components.pop() === undefined && !name.startsWith('/'))
      throw invalid('it is outside of the root');
  }
  return components;
}

/** An error about an entry of a tar, in Docker's manner. */
export const entryError = (name: ByteString, problem: string, cause?: unknown): Error =>
  invalid(
    `invalid tar: ${JSON.stringify(shownName(name.length > 300 ? `${name.slice(0, 300)}…` : name))}: ${problem}`,
    { cause },
  );

/** Attributes of a tar that a layer must not set: they are overlayfs's own, and redirect where a file's bytes are taken from. */
export const isReservedXattr = (name: ByteString): boolean =>
  name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.');

/** Makes a directory hide what lower layers have beneath it. @see Documentation/filesystems/overlayfs.rst */
export const opaqueXattr = ['trusted.overlay.opaque', Buffer.from('y')] as const;

/**
 * Makes overlayfs look for whiteouts when it lists a directory that no other layer has. Without it they show as names
 * that are not there. The value says that where the directory was copied from is not known.
 *
 * @see linux/fs/overlayfs/inode.c, ovl_get_inode
 */
export const whiteoutsXattr = ['trusted.overlay.origin', Buffer.alloc(0)] as const;

/** A device that overlayfs takes for a whiteout: a layer may bring it as such, too. */
export const isWhiteoutDevice = ({ type, major, minor }: TarEntry): boolean =>
  type === 'charDevice' && major === 0 && minor === 0;
