import { invalid } from '#base/errors.ts';
import type { ContainerMount } from '../record.ts';
import type { Rooms } from '../rooms.ts';
import { copyUp } from './copy-up.ts';
import type { PlannedMount } from './resolve.ts';

/**
 * Makes the volumes that a container asks for and has not got, and fills empty ones from the image.
 *
 * @returns its mounts; what was made is unmade with `undo`
 */
export async function acquireVolumes(
  request: {
    readonly id: string;
    readonly planned: readonly PlannedMount[];
    readonly undo: AsyncDisposableStack;
  },
  rooms: Rooms,
): Promise<readonly ContainerMount[]> {
  const mounts: ContainerMount[] = [];
  const toFill: ContainerMount[] = [];
  for (const planned of request.planned) {
    const mount =
      planned.type === 'volume' ? await acquireVolume(planned, request.undo, rooms) : recordOf(planned);
    mounts.push(mount);
    if (mount.type === 'volume' && planned.copyUp === true) toFill.push(mount);
  }
  if (toFill.length > 0) await copyUp(request.id, toFill, rooms);
  return mounts;
}

async function acquireVolume(
  planned: PlannedMount,
  undo: AsyncDisposableStack,
  { volumes }: Rooms,
): Promise<ContainerMount> {
  const { name = '', anonymous = false, volumeOptions } = planned;
  const driver = volumeOptions?.DriverConfig;
  if (volumeOptions?.Subpath) throw invalid('volume subpath is not supported');
  if (anonymous) undo.defer(() => volumes.remove(name, { force: true }));
  const volume = await volumes.create(
    {
      Name: name,
      ...(driver?.Name ? { Driver: driver.Name } : {}),
      ...(driver?.Options ? { DriverOpts: driver.Options } : {}),
      ...(volumeOptions?.Labels ? { Labels: volumeOptions.Labels } : {}),
    },
    { anonymous },
  );
  return { ...recordOf(planned), source: volume.Mountpoint };
}

/** The plan without what only its making needed; a bind keeps whether its source may be made at the start. */
function recordOf({ copyUp: _, volumeOptions: __, ...mount }: PlannedMount): ContainerMount {
  return mount;
}
