import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { attachBeneath } from '#runtime/host-mounts.ts';
import type { SpecMount } from '../rooms.ts';
import type { StepMount } from '../run-step.ts';
import { type MountContext, type MountOf, placeOf } from './step-mounts.ts';

/** Folders that outlast steps. Those that only one may have come first and in one order, so that no two wait for each other. */
export async function acquireCaches(
  mounts: readonly MountOf<'cache'>[],
  context: MountContext,
): Promise<readonly (readonly [StepMount, SpecMount])[]> {
  const ordered = mounts.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const acquired: [StepMount, SpecMount][] = [];
  for (const mount of ordered) acquired.push([mount, await acquireCache(mount, context)]);
  return acquired;
}

async function acquireCache(mount: MountOf<'cache'>, context: MountContext): Promise<SpecMount> {
  const { caches, sources, rooms, request, undo, uses, places } = context;
  const use = await caches.acquire(mount, {
    step: request.id,
    signal: request.signal,
    view: async () => {
      if (mount.from === undefined) return undefined;
      return rooms.snapshotter.view(await sources.layersOf(mount.from, undo, request.signal));
    },
  });
  uses.use(use);
  const destination = placeOf(mount.target);
  const writable = !mount.readonly;
  // Of a source in something else, the cache began with what is there.
  if (mount.from !== undefined || placeOf(mount.source) === '/')
    return { destination, source: use.folder, writable };
  const place = join(places, `cache${request.mounts.indexOf(mount)}`);
  const root = openSync(use.folder, 'r');
  try {
    attachBeneath(root, mount.source, place);
  } finally {
    closeSync(root);
  }
  return { destination, source: place, writable };
}
