import { messageOf } from './errors.ts';
import type { LogFields } from './log.ts';

/** A defect met in one client's request is told and must not end the work of all others. */
export function surviveDefects(tell: (fields: LogFields) => void): void {
  const told = (error: unknown) =>
    tell({ error: messageOf(error), stack: (error as Error | undefined)?.stack });
  process.on('uncaughtException', told);
  process.on('unhandledRejection', told);
}

/** Resolves with the first signal that asks for an end; the third ends the process where it stands, as dockerd's does. */
export function endingSignal(signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let times = 0;
  for (const signal of signals) {
    process.on(signal, () => {
      times += 1;
      if (times >= 3) process.exit(128 + 15);
      resolve(signal);
    });
  }
  return promise;
}
