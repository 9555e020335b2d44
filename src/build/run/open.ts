import { mkdirSync } from 'node:fs';
import { CacheMounts } from './caches/cache-mounts.ts';
import { SourceLayers } from './mounts/source-layers.ts';
import type { StepRooms } from './rooms.ts';
import { runStep } from './run.ts';
import type { StepRunner } from './run-step.ts';
import { recoverSteps } from './step-folder.ts';

/** Opens the runner of an engine's RUN steps. `recover` must follow before a step is run. */
export function openStepRunner(rooms: StepRooms): StepRunner {
  const running = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const forget = () => void running.delete(work);
    running.add(work);
    work.then(forget, forget);
    return work;
  };
  const settled = async () => {
    while (running.size > 0) await Promise.allSettled(running);
  };
  const caches = new CacheMounts(rooms);
  const sources = new SourceLayers(rooms);
  const shared = { ...rooms, caches, sources, aside: (work: Promise<void>) => void track(work) };
  mkdirSync(rooms.paths.buildSteps, { recursive: true, mode: 0o711 });
  return {
    run: (request) => track(runStep(request, shared)),
    check: (surroundings) => rooms.specs.check(surroundings),
    settled,
    caches: () => caches.list(),
    removeCache: (id) => caches.remove(id),
    recover: async () => {
      await recoverSteps(rooms);
      await caches.recover();
    },
    close: async () => {
      await settled();
      await caches.close();
    },
  };
}
