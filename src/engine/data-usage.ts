import type { SystemDataUsageResponse } from '#api/index.ts';
import type { UsageKind } from './engine.ts';
import type { Rooms } from './rooms.ts';

/** What is on disk, of the kinds asked for. @see Engine API, SystemDataUsage */
export async function dataUsage(
  { images, containers, volumes, builds }: Pick<Rooms, 'images' | 'containers' | 'volumes' | 'builds'>,
  kinds: readonly UsageKind[],
): Promise<SystemDataUsageResponse> {
  const wanted = (kind: UsageKind) => kinds.length === 0 || kinds.includes(kind);
  return {
    LayersSize: wanted('image') ? images.layersSize() : 0,
    Images: wanted('image') ? images.list({ all: true, sharedSize: true, containers: true }) : null,
    Containers: wanted('container') ? await containers.views.list({ all: true, size: true }) : null,
    Volumes: wanted('volume') ? await volumes.listWithUsage() : null,
    BuildCache: wanted('build-cache') ? builds.usage() : null,
  };
}
