import { host } from './host.ts';
import { sha256Hex } from './sha256.ts';

/** Of `node:crypto`, what rooms that the command line uses ask for: the SHA-256 of a few bytes, in hexadecimal. */
export function createHash(algorithm: string) {
  if (algorithm !== 'sha256') throw new Error(`no ${algorithm} on this host`);
  let bytes = new Uint8Array(0);
  const hash = {
    update(more: string | Uint8Array) {
      const added = typeof more === 'string' ? new Uint8Array(host.encode(more)) : more;
      const whole = new Uint8Array(bytes.length + added.length);
      whole.set(bytes);
      whole.set(added, bytes.length);
      bytes = whole;
      return hash;
    },
    digest: (_encoding: 'hex') => sha256Hex(bytes),
  };
  return hash;
}
