import { existsSync } from 'node:fs';
import type { Mount } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import { cleanPath } from './bind-spec.ts';

const invalidMount = (mount: Mount, why: string) =>
  invalid(`invalid mount config for type ${JSON.stringify(mount.Type ?? '')}: ${why}`);

/** Checks one of `HostConfig.Mounts`. @throws {EngineError} `invalid` in Docker's words */
export function checkMount(mount: Mount): void {
  const target = mount.Target ?? '';
  if (target === '') throw invalidMount(mount, 'field Target must not be empty');
  if (!target.startsWith('/'))
    throw invalidMount(mount, `invalid mount path: '${target}' mount path must be absolute`);
  if (cleanPath(target) === '/') throw invalidMount(mount, `invalid specification: destination can't be '/'`);
  const check = checks[mount.Type ?? ''];
  if (check === undefined) throw invalidMount(mount, 'mount type unknown');
  check(mount);
}

const checks: Readonly<Record<string, (mount: Mount) => void>> = {
  bind: (mount) => {
    const source = mount.Source ?? '';
    if (source === '') throw invalidMount(mount, 'field Source must not be empty');
    refuse(mount, ['VolumeOptions', 'TmpfsOptions', 'ImageOptions']);
    if (!source.startsWith('/'))
      throw invalidMount(mount, `invalid mount path: '${source}' mount path must be absolute`);
    if (mount.BindOptions?.CreateMountpoint !== true && !existsSync(source))
      throw invalidMount(mount, `bind source path does not exist: ${source}`);
  },
  volume: (mount) => {
    refuse(mount, ['BindOptions', 'TmpfsOptions', 'ImageOptions']);
    if ((mount.Source ?? '') === '' && mount.ReadOnly === true)
      throw invalidMount(mount, 'must not set ReadOnly mode when using anonymous volumes');
  },
  tmpfs: (mount) => {
    if ((mount.Source ?? '') !== '') throw invalidMount(mount, 'field Source must not be specified');
    refuse(mount, ['BindOptions', 'VolumeOptions', 'ImageOptions']);
  },
};

function refuse(mount: Mount, fields: readonly (keyof Mount)[]): void {
  for (const field of fields) {
    if (mount[field] !== undefined && mount[field] !== null)
      throw invalidMount(mount, `field ${field} must not be specified`);
  }
}
