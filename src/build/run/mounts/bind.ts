import { join } from 'node:path';
import { EngineError, invalid } from '#base/errors.ts';
import { attachBeneath, attachMount } from '#runtime/host-mounts.ts';
import type { MountedRootfs } from '#snapshot/snapshotter.ts';
import type { SpecMount } from '../rooms.ts';
import { type MountContext, type MountOf, placeOf } from './step-mounts.ts';

/** Layers or a context's files at a place. What is written there, where it may be, is dropped with the step. */
export async function acquireBind(mount: MountOf<'bind'>, context: MountContext): Promise<SpecMount> {
  const { request, rooms, keys } = context;
  const layers = await context.sources.layersOf(mount.from, context.undo, request.signal);
  const key = keys.get(mount);
  if (key === undefined) return bound(mount, await rooms.snapshotter.view(layers), context);
  context.undo.defer(() => rooms.snapshotter.remove(key));
  await rooms.snapshotter.prepare(key, layers);
  return bound(mount, await rooms.snapshotter.mount(key, { volatile: true }), context);
}

async function bound(
  mount: MountOf<'bind'>,
  mounted: MountedRootfs,
  { places, request: { mounts } }: MountContext,
): Promise<SpecMount> {
  const { target, source, writable } = mount;
  await using tree = mounted;
  const place = join(places, `bind${mounts.indexOf(mount)}`);
  attachMount(tree.fd, place);
  const destination = placeOf(target);
  if (placeOf(source) === '/') return { destination, source: place, writable };
  const inner = `${place}.inner`;
  try {
    attachBeneath(tree.fd, source, inner);
  } catch (error) {
    if (error instanceof EngineError && absences.has(error.errno ?? 0))
      throw invalid(`failed to compute cache key: ${JSON.stringify(source)}: not found`, { cause: error });
    throw error;
  }
  return { destination, source: inner, writable };
}

/** ENOENT, ENOTDIR, ELOOP, EXDEV */
const absences = new Set([2, 20, 40, 18]);
