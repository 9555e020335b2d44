import { createHash, randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomLength = 34;
const checksumLength = 6;

/** What a kind of secret begins with, so that people and scanners know one where it should not be. */
export type SecretKind = 'hht_' | 'hhr_' | 'hhi_';

/**
 * A new secret: its kind, 34 random base62 characters (202 bits), and 6 of the CRC-32 of what is before them, by which a
 * scanner tells one from a like word without asking.
 */
export function newSecret(kind: SecretKind): string {
  const random = Array.from({ length: randomLength }, () => alphabet[randomInt(alphabet.length)]).join('');
  return kind + random + checksum(kind + random);
}

/** Whether a text is a whole secret of that kind. It says nothing of whether anyone was given it. */
export function isSecret(kind: SecretKind, text: string): boolean {
  if (!text.startsWith(kind) || text.length !== kind.length + randomLength + checksumLength) return false;
  const body = text.slice(0, -checksumLength);
  return checksum(body) === text.slice(-checksumLength);
}

/** What is kept of a secret. A plain hash will do: nobody guesses 200 random bits. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Ids of records, which are no secrets. */
export const newRecordId = (): string => randomBytes(12).toString('hex');

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < checksumLength; place += 1) {
    digits = alphabet[rest % alphabet.length] + digits;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}
