import type { Step } from './containers.ts';
import type { Rooms } from './rooms.ts';

/** Reports each step as it is done, with the time since the one before. */
export function steps({
  report,
}: Pick<Rooms, 'report'>): (containerId: string, step: Step, detail: string) => void {
  let last = performance.now();
  return (containerId, step, detail) => {
    const now = performance.now();
    report({ containerId, step, detail, milliseconds: now - last });
    last = now;
  };
}
