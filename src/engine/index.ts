/**
 * engine: the rooms put together, usable with no daemon.
 *
 * Nouns: the engine (`Engine`), its configuration (`EngineConfig`), the lock on its data root.
 *
 *     await using engine = await openEngine({ dataRoot: '/var/lib/hoist' });
 *     const { Id } = await engine.containers.life.create({ config: { Image: 'busybox', Cmd: ['true'] } });
 *     await engine.containers.life.start(Id);
 *
 * Called by server and daemon, and by whoever embeds the package; imports every engine room.
 */
export type {
  Attachment,
  Containers,
  CreateRequest,
  OfferedConnection,
  PathStat,
  Step,
  StepReport,
} from '#container/containers.ts';
export type { Images } from '#image/images.ts';
export { familiarString, parseReference, withDefaultTag } from '#oci/reference.ts';
export { defaultRoots, type EngineConfig, type Reloadable } from './config.ts';
export type * from './engine.ts';
export { openEngine } from './open-engine.ts';
export { productVersion } from './product.ts';
