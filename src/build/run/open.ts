import { mkdirSync } from 'node:fs';
import type { StepRooms } from './rooms.ts';
import { runStep } from './run.ts';
import type { StepRunner } from './run-step.ts';
import { recoverSteps } from './step-folder.ts';

/** Opens the runner of an engine's RUN steps. `recover` must follow before a step is run. */
export function openStepRunner(rooms: StepRooms): StepRunner {
  const running = new Set<Promise<unknown>>();
  mkdirSync(rooms.paths.buildSteps, { recursive: true, mode: 0o711 });
  return {
    run: (request) => {
      const run = runStep(request, rooms);
      running.add(run);
      const forget = () => void running.delete(run);
      run.then(forget, forget);
      return run;
    },
    caches: () => [],
    removeCache: async () => undefined,
    recover: () => recoverSteps(rooms),
    close: async () => void (await Promise.allSettled(running)),
  };
}
