import type { ByteString } from '#archive/tar-entry.ts';

/** A text as a byte string, each character a byte of its UTF-8. */
export function bytesOfText(text: string): ByteString {
  if (isAscii(text)) return text;
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

/** A byte string for people and patterns: bytes that are not UTF-8 are replaced. */
export function textOfBytes(bytes: ByteString): string {
  if (isAscii(bytes)) return bytes;
  return new TextDecoder().decode(Uint8Array.from(bytes, (each) => each.charCodeAt(0)));
}

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);
