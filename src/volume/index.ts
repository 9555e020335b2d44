/**
 * volume: storage with a name, that outlives containers.
 *
 * Nouns: volume (a record and a folder under the data root), anonymous volume (made without a name, for one container),
 * local options (a file system to mount on that folder).
 *
 *     const { Mountpoint } = await volumes.create({ Name: 'data' });
 *
 * Removing waits for no container: one that is in use is refused, as told by `usersOf`. Called by `container` (makes and
 * mounts them) and the engine.
 */
export { anonymousLabel, Volumes, type VolumesOptions } from './volumes.ts';
