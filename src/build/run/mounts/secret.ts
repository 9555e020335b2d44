import { join, posix } from 'node:path';
import { attachMemoryFiles } from '#runtime/host-mounts.ts';
import type { SpecMount } from '../rooms.ts';
import type { StepMount } from '../run-step.ts';
import { type MountContext, type MountOf, placeOf } from './step-mounts.ts';

/** Secrets as files in memory, as variables, or as both. Those that are not given leave nothing. */
export function acquireSecrets(
  secrets: readonly MountOf<'secret'>[],
  { places }: Pick<MountContext, 'places'>,
): { readonly mounts: readonly (readonly [StepMount, SpecMount])[]; readonly env: readonly string[] } {
  const given = secrets.flatMap((mount) =>
    mount.content === undefined ? [] : [{ mount, content: mount.content }],
  );
  const files = given.filter(({ mount }) => mount.env === undefined || mount.target !== undefined);
  const place = join(places, 'secrets');
  if (files.length > 0)
    attachMemoryFiles(
      files.map(({ mount: { mode, uid, gid }, content }) => ({ mode, uid, gid, content })),
      place,
    );
  return {
    mounts: files.map(({ mount }, index) => [
      mount,
      {
        destination: placeOf(mount.target ?? `/run/secrets/${posix.basename(mount.id)}`),
        source: join(place, String(index)),
        writable: false,
      },
    ]),
    env: given.flatMap(({ mount: { env }, content }) => (env === undefined ? [] : [`${env}=${content}`])),
  };
}
