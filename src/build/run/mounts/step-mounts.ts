import { mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join, posix } from 'node:path';
import { invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { detachMounts } from '#runtime/host-mounts.ts';
import type { CacheMounts } from '../caches/cache-mounts.ts';
import type { SpecMount, StepRooms } from '../rooms.ts';
import type { StepMount, StepRequest } from '../run-step.ts';
import { acquireBind } from './bind.ts';
import { acquireCaches } from './cache.ts';
import { acquireSecrets } from './secret.ts';
import type { SourceLayers } from './source-layers.ts';
import { acquireAgents } from './ssh.ts';

export type MountOf<T extends StepMount['type']> = Extract<StepMount, { readonly type: T }>;

/** What mounts are made with. */
export interface MountContext {
  readonly request: StepRequest;
  readonly rooms: StepRooms;
  readonly caches: CacheMounts;
  readonly sources: SourceLayers;
  /** Of the step: sockets are here. */
  readonly folder: string;
  /** In it: where something is mounted for a moment. */
  readonly places: string;
  /** Keys for snapshots above what is bound writable, by mount: in the step's record already. */
  readonly keys: ReadonlyMap<StepMount, string>;
  /** Gives back at the end of the step. */
  readonly undo: AsyncDisposableStack;
  /** Gives back when the process has ended. */
  readonly uses: AsyncDisposableStack;
  /** Gives back once the task is there. */
  readonly attached: AsyncDisposableStack;
}

/** A mount of the request's, ready to be bound: undefined where there is nothing to mount. */
export type Acquired = ReadonlyMap<StepMount, SpecMount>;

export interface StepMounts {
  readonly mounts: readonly SpecMount[];
  /** `NAME=value` */
  readonly env: readonly string[];
}

/** Keys for the snapshots that a step's mounts need. */
export const snapshotKeys = (mounts: readonly StepMount[]): ReadonlyMap<StepMount, string> =>
  new Map(mounts.filter((mount) => mount.type === 'bind' && mount.writable).map((mount) => [mount, newId()]));

/** Makes ready all mounts of a step, in the order they were written. Caches first: others may hold them for long. */
export async function acquireMounts(context: MountContext): Promise<StepMounts> {
  const { mounts } = context.request;
  if (mounts.length === 0) return { mounts: [], env: [] };
  checkTargets(mounts);
  mkdirSync(context.places, { mode: 0o700 });
  context.attached.defer(() => detachPlaces(context.places));
  const of = <T extends StepMount['type']>(type: T) =>
    mounts.filter((mount): mount is MountOf<T> => mount.type === type);
  const acquired = new Map<StepMount, SpecMount>(await acquireCaches(of('cache'), context));
  for (const mount of of('bind')) acquired.set(mount, await acquireBind(mount, context));
  for (const mount of of('tmpfs')) acquired.set(mount, memoryMount(mount));
  const secrets = acquireSecrets(of('secret'), context);
  const agents = await acquireAgents(of('ssh'), context);
  for (const [mount, spec] of [...secrets.mounts, ...agents.mounts]) acquired.set(mount, spec);
  return {
    mounts: mounts.flatMap((mount) => acquired.get(mount) ?? []),
    env: [...secrets.env, ...agents.env],
  };
}

/** @throws {EngineError} `invalid` for a mount in the place of the root */
function checkTargets(mounts: readonly StepMount[]): void {
  for (const { target } of mounts)
    if (target !== undefined && placeOf(target) === '/')
      throw invalid(`invalid mount target ${JSON.stringify(target)}`);
}

const memoryMount = ({ target, size }: MountOf<'tmpfs'>): SpecMount => ({
  destination: placeOf(target),
  writable: true,
  options: ['nosuid', 'nodev', ...(size === undefined ? [] : [`size=${size}`])],
});

/** A target as an absolute path with nothing to take back. */
export const placeOf = (target: string): string => {
  const path = posix.normalize(`/${target}`);
  return path.length > 1 ? path.replace(/\/$/, '') : path;
};

/** Unmounts all that is mounted in a step's folder of places, and takes the places away. Fine when there are none. */
export function detachPlaces(places: string): void {
  for (const entry of entriesOf(places)) {
    const place = join(places, entry.name);
    detachMounts(place);
    // Never what is in it: that would be what is mounted there, if it still were.
    if (entry.isDirectory()) rmdirSync(place);
    else unlinkSync(place);
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
