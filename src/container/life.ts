import { conflict } from '#base/errors.ts';

/** What a container is, in the words of inspect's `State.Status`. */
export type Status = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing' | 'dead';

/** What can befall it: facts in the past tense, requests in the imperative. */
export type Cause = 'started' | 'exited' | 'willRetry' | 'pause' | 'unpause' | 'remove' | 'removeFailed';

const life: Readonly<Record<Status, Readonly<Partial<Record<Cause, Status>>>>> = {
  created: { started: 'running', remove: 'removing' },
  running: { exited: 'exited', willRetry: 'restarting', pause: 'paused' },
  paused: { exited: 'exited', willRetry: 'restarting', unpause: 'running' },
  restarting: { started: 'running', exited: 'exited' },
  exited: { started: 'running', remove: 'removing' },
  removing: { removeFailed: 'dead' },
  dead: { remove: 'removing' },
};

export const statuses = Object.keys(life) as readonly Status[];

/** The status that follows. @throws {EngineError} `conflict` naming both words when nothing does */
export function after(status: Status, cause: Cause): Status {
  const next = life[status][cause];
  if (next === undefined) throw conflict(`a container that is ${status} cannot take ${cause}`);
  return next;
}

export const mayFollow = (status: Status, cause: Cause): boolean => life[status][cause] !== undefined;

/** Whether there is a process: only these have a pid. */
export const isAlive = (status: Status): boolean => status === 'running' || status === 'paused';
