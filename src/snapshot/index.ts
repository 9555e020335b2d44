/**
 * snapshot: union file systems behind one interface.
 *
 * Nouns: Snapshotter (what the engine has one of), Layer (read-only, by diffID), snapshot (writable, by key, above a
 * stack of layers), LayerStore (how a driver keeps layers: `erofs` as files never unpacked, `overlay` as trees),
 * MountedRootfs (a detached mount), Change. Trees of files, hostile ones too, are packed and unpacked in `tree/`.
 *
 *     const snapshots = await openSnapshotter({ database, root: paths.driver, log });
 *     const layer = await snapshots.ingest(decompressed(blob), { expected: diffId });
 *     await snapshots.prepare(containerId, [layer.diffId]);
 *     await using rootfs = await snapshots.mount(containerId);
 *
 * Called by image (layers), container (snapshots, docker cp) and build.
 */
export { openSnapshotter, type SnapshotterOptions } from './open.ts';
export * from './snapshotter.ts';
export { MountedFiles } from './tree/mounted-files.ts';
export { packTree } from './tree/pack.ts';
export { type UnpackOptions, unpackInto } from './tree/unpack.ts';
