import { statfsSync } from 'node:fs';
import type { Log } from '#base/log.ts';
import type { Events } from '#events/events.ts';
import type { Images } from '#image/images.ts';
import type { ContainerFormat } from '#runtime/format.ts';
import type { Snapshotter } from '#snapshot/index.ts';
import type { Database } from '#state/database.ts';
import type { Paths } from '#state/paths.ts';
import type { Builds } from './builds.ts';
import { CacheCollector } from './cache/collect.ts';
import type { CachePolicy } from './cache/policy.ts';
import { StepCache } from './cache/step-cache.ts';
import { BuildsUnderWay } from './cache/under-way.ts';
import { openContexts } from './context/open-contexts.ts';
import { planCopy } from './copy/plan-copy.ts';
import { EngineBuilds } from './engine-builds.ts';
import { BuildHistory } from './history/history.ts';
import { openStepRunner } from './run/open.ts';
import type { StepRooms, StepSpecs } from './run/rooms.ts';
import { SharedSteps } from './solve/shared-steps.ts';

export interface BuildsOptions {
  readonly database: Database;
  readonly paths: Paths;
  readonly snapshotter: Snapshotter;
  readonly images: Images;
  readonly networks: StepRooms['networks'];
  readonly runtime: ContainerFormat;
  /** How containers' specs are made, which a room above knows. */
  readonly specs: StepSpecs;
  readonly events: Pick<Events, 'publish'>;
  readonly log: Log;
  /** What of the default policy is otherwise. */
  readonly policy?: Partial<CachePolicy>;
  /** Bytes that are free where the data root is; what the file system says when absent. */
  readonly free?: () => number;
  readonly now?: () => Date;
}

const gigabyte = 1e9;
const unusedDays = 60;

/** Opens the builder of an engine: what a crash left of builds is undone first. */
export async function openBuilds(options: BuildsOptions): Promise<Builds> {
  const { database, paths, snapshotter, images, networks, runtime, specs, log } = options;
  const now = options.now ?? (() => new Date());
  const runner = openStepRunner({ database, paths, snapshotter, images, networks, runtime, specs, log });
  await runner.recover();
  const policy = (): CachePolicy => ({ ...defaultPolicy(paths.dataRoot), ...options.policy });
  const { maxUsedSpace: cap } = policy();
  const opened = await openContexts({ database, paths, log, now, ...(cap > 0 && { cap }) });
  const history = new BuildHistory(database, paths);
  await history.recover();
  const shared = new SharedSteps();
  const underWay = new BuildsUnderWay();
  const collector = new CacheCollector({
    ...{ database, snapshotter, images, runner, underWay, now },
    contexts: opened,
    runs: (key) => shared.has(key),
    free: options.free ?? (() => freeBytes(paths.dataRoot)),
  });
  return new EngineBuilds({
    rooms: {
      ...{ images, snapshotter, shared, runner, planCopy, log },
      cache: new StepCache({ database, snapshotter, now }),
      contexts: opened.store,
    },
    ...{ history, collector, underWay, policy, log, now },
    contexts: opened.contexts,
    events: options.events,
    closeAll: async () => {
      await runner.close();
      await opened.close();
    },
  });
}

/** A tenth of the disk is kept; four fifths may be used, and a twentieth stays free. */
function defaultPolicy(dataRoot: string): CachePolicy {
  const { blocks, bsize } = statfsSync(dataRoot);
  const disk = blocks * bsize;
  return {
    reservedSpace: Math.max(disk * 0.1, 2 * gigabyte),
    maxUsedSpace: disk * 0.8,
    minFreeSpace: disk * 0.05,
    unusedSeconds: unusedDays * 86_400,
  };
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
