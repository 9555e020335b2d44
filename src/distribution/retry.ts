import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError, RegistryError } from './registry-error.ts';

/** How often and how slowly something is tried again. */
export interface RetryPolicy {
  /** Tries in a row that got nowhere before giving up. */
  readonly attempts: number;
  /** The first wait; each next is twice as long, give or take a half. */
  readonly delayMilliseconds: number;
}

export const defaultRetry: RetryPolicy = { attempts: 5, delayMilliseconds: 500 };
const longestWait = 30_000;

const passing = ['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE'];
const absent = ['ETIMEDOUT', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * Refusals and failures that time may heal.
 *
 * @param options.known the registry has answered before: that it is gone now may pass too, while one that never was there
 *   is told at once
 */
export function isTransient(error: unknown, options: { readonly known: boolean }): boolean {
  if (error instanceof ConnectionError)
    return passing.includes(error.code) || (options.known && absent.includes(error.code));
  return (
    error instanceof RegistryError && error.transient && (error.retryAfterMilliseconds ?? 0) <= longestWait
  );
}

/** How long to wait after the nth failure in a row: what the registry asked for, else doubling with jitter. */
export function waitAfter(error: unknown, failures: number, policy: RetryPolicy): number {
  if (error instanceof RegistryError && error.retryAfterMilliseconds !== undefined)
    return error.retryAfterMilliseconds;
  return Math.min(longestWait, policy.delayMilliseconds * 2 ** (failures - 1) * (0.5 + Math.random()));
}

/** Runs `attempt` until it succeeds, fails for good, or has failed too often. */
export async function retrying<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy & { readonly known: boolean },
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted || !isTransient(error, policy) || failures >= policy.attempts) throw error;
      await pause(waitAfter(error, failures, policy), signal);
    }
  }
}

/** Waits, or rejects with the signal's reason. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
}
