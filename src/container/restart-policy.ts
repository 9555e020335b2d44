import type { RestartPolicy } from '#api/index.ts';
import type { ContainerStateRecord } from './record.ts';

const firstDelay = 100;
const longestDelay = 60_000;
/** Who ran this long has started well: the next delay is the first again. */
const healthyAfter = 10_000;

/** Whether a container that ended is started again. `on-failure:3` is three times at most. */
export function shouldRestart(
  policy: RestartPolicy | undefined,
  state: Pick<ContainerStateRecord, 'stoppedByHand' | 'restartCount'>,
  exitCode: number,
): boolean {
  if (state.stoppedByHand) return false;
  if (policy?.Name === 'always' || policy?.Name === 'unless-stopped') return true;
  const most = policy?.MaximumRetryCount ?? 0;
  return policy?.Name === 'on-failure' && exitCode !== 0 && (most === 0 || state.restartCount < most);
}

/** Whether the boot starts a container that is down. A person's stop outlives the daemon under `unless-stopped` alone. */
export function shouldStartAtBoot(policy: RestartPolicy | undefined, state: ContainerStateRecord): boolean {
  if (state.status === 'created') return false;
  if (policy?.Name === 'always') return true;
  return shouldRestart(policy, state, state.exitCode);
}

/** The time to wait: doubled with each restart that did not last. */
export function nextDelay(before: number | undefined, ranFor: number): number {
  return before === undefined || ranFor >= healthyAfter ? firstDelay : Math.min(before * 2, longestDelay);
}
