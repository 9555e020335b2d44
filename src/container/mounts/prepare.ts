import { existsSync, mkdirSync } from 'node:fs';
import { invalid } from '#base/errors.ts';
import type { Container } from '../container.ts';
import type { Rooms } from '../rooms.ts';
import { checkPropagation } from './propagation.ts';

/**
 * Makes a container's mounts ready for its start: host paths of `-v` that are not there are made, volumes mounted.
 *
 * @throws {EngineError} `invalid` when a bind's source is gone, `notFound` when a volume is
 */
export async function prepareMounts({ id, record }: Container, { volumes }: Rooms): Promise<void> {
  for (const mount of record.mounts) {
    if (mount.type === 'volume' && mount.name !== undefined)
      await volumes.mount(mount.name, id, { destination: mount.destination, rw: mount.rw });
    if (mount.type === 'bind') {
      prepareSource(mount.source, mount.createSource === true);
      checkPropagation(mount.source, mount.propagation);
    }
  }
}

function prepareSource(source: string, mayCreate: boolean): void {
  if (existsSync(source)) return;
  if (!mayCreate)
    throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${source}`);
  mkdirSync(source, { recursive: true, mode: 0o755 });
}

/** Notes the volumes of a container that an earlier engine started. */
export function adoptMounts({ id, record }: Container, { volumes }: Rooms): void {
  for (const { type, name } of record.mounts)
    if (type === 'volume' && name !== undefined) volumes.adopt(name, id);
}

/** Says that a container that has ended no longer uses its volumes. */
export function releaseMounts({ id, record }: Container, { volumes }: Rooms): void {
  for (const { type, name } of record.mounts)
    if (type === 'volume' && name !== undefined) volumes.unmounted(name, id);
}
