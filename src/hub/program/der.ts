/**
 * ASN.1 values in DER, as much of it as a certificate is made of. Written here rather than taken from a library: what writes
 * certificates there comes with a dozen packages for what reads them.
 *
 * @see ITU-T X.690
 */
export const sequence = (...items: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(items));
export const set = (...items: readonly Buffer[]): Buffer => tagged(0x31, Buffer.concat(items));
/** @param bytes big endian, of a number that is not negative: its first bit is clear */
export const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
export const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0]));
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text));
export const octetString = (bytes: Buffer): Buffer => tagged(0x04, bytes);
/** @param unused bits of the last byte */
export const bitString = (bytes: Buffer, unused = 0): Buffer =>
  tagged(0x03, Buffer.concat([Buffer.from([unused]), bytes]));
export const explicit = (number: number, value: Buffer): Buffer => tagged(0xa0 + number, value);
/** Of a primitive type. */
export const implicit = (number: number, bytes: Buffer): Buffer => tagged(0x80 + number, bytes);

/** UTCTime until 2049, GeneralizedTime after. @see RFC 5280, § 4.1.2.5 */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits));
}

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

function tagged(tag: number, content: Buffer): Buffer {
  const length = content.length;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
