import { host } from './host.ts';
import { clearTimer, setTimer } from './loop.ts';

/**
 * What the command line uses of the language and of every other host, and QuickJS 2021 lacks. Loaded before all else.
 */

class Utf8Encoder {
  encode(text = ''): Uint8Array {
    return new Uint8Array(host.encode(text));
  }
}

/** Keeps the beginning of a character that a chunk cuts for the next one (`stream: true`). */
class Utf8Decoder {
  #held = new Uint8Array(0);

  decode(bytes: Uint8Array = new Uint8Array(0), options: { stream?: boolean } = {}): string {
    let whole = bytes;
    if (this.#held.length > 0) {
      whole = new Uint8Array(this.#held.length + bytes.length);
      whole.set(this.#held);
      whole.set(bytes, this.#held.length);
    }
    const end = options.stream ? whole.length - unfinished(whole) : whole.length;
    this.#held = whole.slice(end);
    return end === 0 ? '' : host.decode(whole.subarray(0, end));
  }
}

/** How many bytes at the end begin a character that is not whole. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

class Signal {
  aborted = false;
  reason: unknown;
  #listeners: { call: () => void; once: boolean }[] = [];

  addEventListener(_type: string, call: () => void, options: { once?: boolean } = {}): void {
    this.#listeners.push({ call, once: options.once === true });
  }
  removeEventListener(_type: string, call: () => void): void {
    this.#listeners = this.#listeners.filter((each) => each.call !== call);
  }
  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const { call } of this.#listeners) call();
    this.#listeners = [];
  }
}

class Controller {
  readonly signal = new Signal();
  abort(
    reason: unknown = Object.assign(new Error('This operation was aborted'), { name: 'AbortError' }),
  ): void {
    this.signal.abort(reason);
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function toBase64(text: string): string {
  let encoded = '';
  for (let i = 0; i < text.length; i += 3) {
    const left = text.length - i;
    const bits =
      (text.charCodeAt(i) << 16) | ((text.charCodeAt(i + 1) || 0) << 8) | (text.charCodeAt(i + 2) || 0);
    const letters = [18, 12, 6, 0].map((shift) => alphabet[(bits >> shift) & 63]);
    encoded += letters.slice(0, Math.min(left, 3) + 1).join('') + '='.repeat(Math.max(0, 3 - left));
  }
  return encoded;
}

function fromBase64(text: string): string {
  const letters = text.replace(/[=\s]/g, '');
  let decoded = '';
  let bits = 0;
  let held = 0;
  for (const letter of letters) {
    const value = alphabet.indexOf(letter);
    if (value < 0) throw new Error('The string to be decoded is not correctly encoded');
    bits = (bits << 6) | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      decoded += String.fromCharCode((bits >> held) & 255);
    }
  }
  return decoded;
}

const define = (target: object, members: Record<string, unknown>): void => {
  for (const [name, value] of Object.entries(members)) {
    if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
};

function at<T>(this: ArrayLike<T>, index: number): T | undefined {
  const i = Math.trunc(index) || 0;
  return this[i < 0 ? this.length + i : i];
}

define(globalThis, {
  TextEncoder: Utf8Encoder,
  TextDecoder: Utf8Decoder,
  AbortController: Controller,
  setTimeout: (fire: (...values: unknown[]) => void, wait = 0, ...values: unknown[]) =>
    setTimer(() => fire(...values), wait),
  clearTimeout: clearTimer,
  setImmediate: (fire: () => void) => setTimer(fire, 0),
  queueMicrotask: (job: () => void) => void Promise.resolve().then(job),
  btoa: toBase64,
  atob: fromBase64,
});
define(Symbol, { dispose: Symbol('dispose'), asyncDispose: Symbol('asyncDispose') });
const own = Object.prototype.hasOwnProperty;
define(Object, { hasOwn: (object: object, key: PropertyKey) => own.call(object, key) });
define(Promise, {
  withResolvers: () => {
    let resolve: unknown;
    let reject: unknown;
    const promise = new Promise((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise, resolve, reject };
  },
});
define(String.prototype, { at });
define(Uint8Array.prototype, { at });
define(Array.prototype, {
  at,
  findLast<T>(this: T[], is: (each: T, i: number) => boolean) {
    for (let i = this.length - 1; i >= 0; i -= 1) if (is(this[i]!, i)) return this[i];
    return undefined;
  },
  findLastIndex<T>(this: T[], is: (each: T, i: number) => boolean) {
    for (let i = this.length - 1; i >= 0; i -= 1) if (is(this[i]!, i)) return i;
    return -1;
  },
  toSorted<T>(this: T[], order?: (a: T, b: T) => number) {
    return [...this].sort(order);
  },
  toReversed<T>(this: T[]) {
    return [...this].reverse();
  },
});
