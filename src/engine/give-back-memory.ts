import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { trimMemory } from '#linux/index.ts';

type Collect = (options: { readonly type: 'major'; readonly execution: 'async' }) => Promise<void>;

let collect: Collect | undefined;

/**
 * Gives memory that a burst of work has left behind back to the kernel. An idle heap is not collected by itself, and what
 * layers passed through would stay as long as nothing else happens.
 */
export async function giveBackMemory(): Promise<void> {
  collect ??= collector();
  await collect({ type: 'major', execution: 'async' });
  trimMemory();
}

function collector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return collect;
}
