import type { Output } from '../platform.ts';
import { call, checked, failure, host } from './host.ts';
import { pollOut, ready } from './loop.ts';
import { isTerminal, terminalSize } from './terminal.ts';

const again = -11;
const interrupted = -4;
const unsupported = -95;
/** uio.h: do not wait, whatever the descriptor's own mode (which other processes share). */
const noWait = 8;

interface Sink extends Output {
  /** Writes what still waits, waiting for the reader. */
  flush(): void;
}

/** Standard output or error: what a write cannot take at once waits in order, so that reading goes on meanwhile. */
export function output(fd: 1 | 2): Sink {
  let waiting: Uint8Array[] = [];
  let draining: Promise<void> | undefined;
  let terminal: boolean | undefined;

  /** How much the descriptor took without waiting. */
  const offer = (bytes: Uint8Array): number => {
    const vector = BigUint64Array.of(BigInt(host.address(bytes)), BigInt(bytes.length));
    let taken = call('pwritev2', fd, vector, 1, -1, -1, noWait);
    if (taken === unsupported) taken = call('write', fd, bytes, bytes.length);
    if (taken === again || taken === interrupted) return 0;
    if (taken < 0) throw failure('write', taken);
    return taken;
  };

  const drain = async (): Promise<void> => {
    try {
      while (waiting.length > 0) {
        const first = waiting[0]!;
        const taken = offer(first);
        if (taken === first.length) waiting.shift();
        else {
          waiting[0] = first.subarray(taken);
          await ready(fd, pollOut);
        }
      }
    } catch (error) {
      waiting = [];
      throw error;
    } finally {
      draining = undefined;
    }
  };

  return {
    async write(text) {
      const bytes = typeof text === 'string' ? new Uint8Array(host.encode(text)) : text;
      if (bytes.length === 0) return draining;
      const taken = draining === undefined ? offer(bytes) : 0;
      if (taken === bytes.length) return;
      waiting.push(bytes.subarray(taken));
      draining ??= drain();
      return draining;
    },
    flush() {
      for (const bytes of waiting) {
        for (let rest = bytes; rest.length > 0; ) {
          const taken = call('write', fd, rest, rest.length);
          if (taken === again || taken === interrupted) continue;
          rest = rest.subarray(checked('write', taken));
        }
      }
      waiting = [];
    },
    get isTerminal() {
      terminal ??= isTerminal(fd);
      return terminal;
    },
    get columns() {
      return terminalSize()?.columns ?? 0;
    },
  };
}
