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
  const caches = new CacheMounts(rooms);
  const shared = { ...rooms, caches, sources: new SourceLayers(rooms) };
  mkdirSync(rooms.paths.buildSteps, { recursive: true, mode: 0o711 });
  return {
    run: (request) => {
      const run = runStep(request, shared);
      running.add(run);
      const forget = () => void running.delete(run);
      run.then(forget, forget);
      return run;
    },
    caches: () => caches.list(),
    removeCache: (id) => caches.remove(id),
    recover: async () => {
      await recoverSteps(rooms);
      await caches.recover();
    },
    close: async () => {
      await Promise.allSettled(running);
      await caches.close();
    },
  };
}
