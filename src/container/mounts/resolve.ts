import type { ContainerConfig, HostConfig, Mount } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import type { ContainerMount } from '../record.ts';
import { tmpfsOptions } from '../spec/mounts.ts';
import { cleanPath, parseBind } from './bind-spec.ts';
import { checkMount } from './mount-spec.ts';

/** A mount as asked for: a volume may still have to be made. */
export interface PlannedMount extends ContainerMount {
  /** Whether the image's files there go into the volume when that is empty. */
  readonly copyUp?: boolean;
  readonly volumeOptions?: NonNullable<Mount['VolumeOptions']>;
}

/**
 * Every mount that a container asks for, each at a place of its own: those of `VolumesFrom`, over them Binds and Mounts,
 * tmpfs, and anonymous volumes where the image or the person wants one and nothing else is.
 *
 * @param mountsOf the mounts of another container, for VolumesFrom
 * @throws {EngineError} `invalid` in Docker's words
 */
export function plannedMounts(
  config: ContainerConfig,
  host: HostConfig,
  mountsOf: (reference: string) => readonly ContainerMount[],
): readonly PlannedMount[] {
  const byPlace = new Map<string, PlannedMount>();
  for (const source of host.VolumesFrom ?? [])
    for (const mount of inherited(source, mountsOf)) byPlace.set(mount.destination, mount);
  const own = new Set<string>();
  const add = (mount: PlannedMount) => {
    if (own.has(mount.destination)) throw invalid(`Duplicate mount point: ${mount.destination}`);
    own.add(mount.destination);
    byPlace.set(mount.destination, mount);
  };
  for (const bind of host.Binds ?? []) add(fromBind(bind));
  for (const mount of host.Mounts ?? []) add(fromMount(mount));
  for (const [place, options] of Object.entries(host.Tmpfs ?? {})) add(fromTmpfs(place, options));
  for (const place of Object.keys(config.Volumes ?? {}).map(cleanPath))
    if (!byPlace.has(place)) byPlace.set(place, volumeAt(place));
  return [...byPlace.values()];
}

function inherited(
  text: string,
  mountsOf: (reference: string) => readonly ContainerMount[],
): readonly PlannedMount[] {
  const [reference = '', mode = 'rw'] = text.split(':');
  if (reference === '') throw invalid(`malformed volumes-from specification: ${text}`);
  if (!mode.split(',').every((word) => ['ro', 'rw', 'z', 'Z', 'nocopy'].includes(word)))
    throw invalid(`invalid mode: ${mode}`);
  const writable = !mode.split(',').includes('ro');
  return mountsOf(reference)
    .filter(({ type }) => type !== 'tmpfs')
    .map(({ anonymous: _, ...mount }) => ({ ...mount, rw: mount.rw && writable }));
}

function fromBind(text: string): PlannedMount {
  const { source, destination, rw, mode, propagation, noCopy } = parseBind(text);
  if (source?.startsWith('/'))
    return { type: 'bind', source, destination, mode, rw, propagation, createSource: true };
  return { ...volumeAt(destination, source), mode, rw, copyUp: !noCopy };
}

/** A volume by its name; without one, a new one for this container alone. */
const volumeAt = (destination: string, name?: string): PlannedMount => ({
  type: 'volume',
  name: name ?? newId(),
  ...(name === undefined ? { anonymous: true } : {}),
  source: '',
  destination,
  driver: 'local',
  mode: '',
  rw: true,
  propagation: '',
  copyUp: true,
});

function fromMount(mount: Mount): PlannedMount {
  checkMount(mount);
  const destination = cleanPath(mount.Target ?? '');
  const rw = mount.ReadOnly !== true;
  switch (mount.Type) {
    case 'tmpfs':
      return { ...fromTmpfs(destination, tmpfsText(mount)), rw };
    case 'volume':
      return {
        ...volumeAt(destination, mount.Source || undefined),
        mode: 'z',
        rw,
        copyUp: mount.VolumeOptions?.NoCopy !== true,
        ...(mount.VolumeOptions ? { volumeOptions: mount.VolumeOptions } : {}),
      };
    default:
      return {
        type: 'bind',
        source: cleanPath(mount.Source ?? ''),
        destination,
        mode: '',
        rw,
        propagation: mount.BindOptions?.Propagation || 'rprivate',
        ...(mount.BindOptions?.NonRecursive === true ? { nonRecursive: true } : {}),
        ...(mount.BindOptions?.CreateMountpoint === true ? { createSource: true } : {}),
      };
  }
}

function tmpfsText({ TmpfsOptions: options, ReadOnly: isReadOnly }: Mount): string {
  return [
    ...(options?.Options ?? []).map((pair) => pair.join('=')),
    ...(options?.SizeBytes ? [`size=${options.SizeBytes}`] : []),
    ...(options?.Mode ? [`mode=${options.Mode.toString(8)}`] : []),
    ...(isReadOnly === true ? ['ro'] : []),
  ].join(',');
}

function fromTmpfs(place: string, options: string): PlannedMount {
  if (!place.startsWith('/')) throw invalid(`invalid mount path: '${place}' mount path must be absolute`);
  if (cleanPath(place) === '/') throw invalid(`invalid specification: destination can't be '/'`);
  return {
    type: 'tmpfs',
    source: '',
    destination: cleanPath(place),
    mode: '',
    rw: true,
    propagation: '',
    tmpfsOptions: tmpfsOptions(options),
  };
}
