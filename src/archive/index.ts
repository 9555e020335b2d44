/**
 * archive: tars and compression, as streams. Pure: reads and writes bytes, never files.
 *
 * Nouns: TarEntry (what a tar says of one file, whatever its form), TarMember (an entry and its body), ByteString (a name
 * that need not be UTF-8), Segment (a run of data in a sparse file), TarLimits (what makes a bomb).
 *
 *     for await (const { entry, body } of readTar(decompressed(upload))) …
 *     yield headerOf({ name: 'etc/hosts', type: 'file', size }), yield* body, yield paddingFor(size), yield endOfTar;
 *
 * Called by snapshot (layers), image (save, load, push), container (docker cp) and cli. Trees of files are packed and
 * unpacked in snapshot/tree, which may call the kernel.
 */
export * from './compression.ts';
export type { FileInfo, FileSource } from './file-source.ts';
export { defaultTarLimits, type TarLimits } from './limits.ts';
export { readTar, type TarMember } from './read-tar.ts';
export * from './tar-entry.ts';
export { blockSize, paddingOf } from './tar-fields.ts';
export { type TarEvents, TarParser } from './tar-parser.ts';
export { endOfTar, headerOf, memberOf, type NewEntry, paddingFor } from './write-tar.ts';
