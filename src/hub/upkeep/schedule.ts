import { messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';

export interface Task {
  readonly name: string;
  readonly everySeconds: number;
  /** Seconds from the start to the first time. */
  readonly afterSeconds: number;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Runs tasks at their times until it is disposed, which waits for the one that runs. One that fails is told, and comes again. */
export function schedule(tasks: readonly Task[], log: Log): AsyncDisposable {
  const ended = new AbortController();
  const running = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  const arm = (task: Task, seconds: number) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const run = task
        .run(ended.signal)
        .catch((error: unknown) => {
          if (!ended.signal.aborted) log.error('upkeep failed', { task: task.name, error: messageOf(error) });
        })
        .finally(() => {
          running.delete(run);
          if (!ended.signal.aborted) arm(task, task.everySeconds);
        });
      running.add(run);
    }, seconds * 1000);
    timer.unref();
    timers.add(timer);
  };
  for (const task of tasks) arm(task, task.afterSeconds);
  return {
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
