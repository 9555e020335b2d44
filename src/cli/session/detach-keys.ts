import type { Cli } from '../command.ts';

/** The keys that leave a container's terminal, as Docker's client has them. */
const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** The sequence that a flag asks for, else the configuration; undefined is Docker's own. */
export const chosenDetachKeys = (cli: Cli, flag: string): string | undefined =>
  flag || cli.config.file.detachKeys || undefined;

/**
 * Reads a sequence of keys: letters, or `ctrl-` and one of `a`-`z`, `@`, `[`, `\`, `]`, `^`, `_`.
 *
 * @throws Error when one is no key
 */
export function parseDetachKeys(text = defaultDetachKeys): number[] {
  return text.split(',').map((key) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 64;
    if (key.length !== 1) throw new Error(`Unknown character: '${key}'`);
    return key.charCodeAt(0);
  });
}

/** Watches what is typed for the sequence that detaches. What turns out to be no part of it is let through. */
export class DetachKeys {
  readonly #keys: readonly number[];
  #matched = 0;

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  /** What of the bytes is for the container, and whether the sequence is complete. */
  push(bytes: Uint8Array): { through: Uint8Array; detached: boolean } {
    const through: number[] = [];
    for (const byte of bytes) {
      if (byte === this.#keys[this.#matched]) {
        if (++this.#matched === this.#keys.length)
          return { through: Uint8Array.from(through), detached: true };
        continue;
      }
      // the held keys were typed after all
      through.push(...this.#keys.slice(0, this.#matched));
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) through.push(byte);
    }
    return { through: Uint8Array.from(through), detached: false };
  }
}
