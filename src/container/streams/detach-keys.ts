import { invalid } from '#base/errors.ts';

/** `ctrl-p,ctrl-q` */
export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** The bytes of a key sequence. @throws {EngineError} `invalid` in Docker's words */
export function parseDetachKeys(text: string): Uint8Array {
  return Uint8Array.from(text.split(','), (key) => {
    if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0);
    const [, control] = /^ctrl-([a-z@[\\\]^_])$/.exec(key) ?? [];
    if (control === undefined) throw invalid(`Invalid detach keys (${text}) provided`);
    return control.toUpperCase().charCodeAt(0) - 0x40;
  });
}

/**
 * Watches what a person types for the sequence that detaches. Bytes that may be its beginning are held back until the
 * next shows whether they are.
 */
export class DetachFilter {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  /** @returns what goes on to the process, and whether the sequence is complete: nothing after it goes on */
  pass(input: Uint8Array): { readonly output: Uint8Array; readonly isDetached: boolean } {
    const output: number[] = [];
    for (const byte of input) {
      if (byte !== this.#keys[this.#matched] && this.#matched > 0) {
        output.push(...this.#keys.subarray(0, this.#matched));
        this.#matched = 0;
      }
      if (byte === this.#keys[this.#matched]) this.#matched += 1;
      else output.push(byte);
      if (this.#matched === this.#keys.length) return { output: Uint8Array.from(output), isDetached: true };
    }
    return { output: Uint8Array.from(output), isDetached: false };
  }
}
