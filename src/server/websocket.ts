import { createHash } from 'node:crypto';
import { Duplex } from 'node:stream';

/** @see RFC 6455 § 1.3 */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export const acceptKey = (key: string): string =>
  createHash('sha1')
    .update(key + guid)
    .digest('base64');

const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A part of a message's payload, or a whole control frame's. */
export interface WebSocketPiece {
  readonly opcode: number;
  readonly bytes: Uint8Array;
}

/** One whole, unmasked frame: what a server sends. @see RFC 6455 § 5.2 */
export function encodeWebSocketFrame(code: number, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const header = length < 126 ? Buffer.alloc(2) : Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = 0x80 | code;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, bytes]);
}

/** Takes a client's frames apart, however their chunks are cut. */
export class WebSocketDecoder {
  #header = Buffer.alloc(0);
  #left = 0;
  #opcode: number = opcode.binary;
  #mask: Uint8Array = new Uint8Array(4);
  #at = 0;

  /** @throws {RangeError} for a frame that a client must not send */
  *push(chunk: Uint8Array): Generator<WebSocketPiece> {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      if (this.#left === 0) {
        const before = this.#header.length;
        const header = Buffer.concat([this.#header, rest.subarray(0, 14 - before)]);
        const size = headerSize(header);
        if (size === undefined || header.length < size) {
          this.#header = header;
          return;
        }
        this.#open(header, size);
        rest = rest.subarray(size - before);
        if (this.#left === 0) yield { opcode: this.#opcode, bytes: new Uint8Array(0) };
      } else {
        const bytes = Buffer.from(rest.subarray(0, this.#left));
        for (let i = 0; i < bytes.length; i += 1) bytes[i]! ^= this.#mask[(this.#at + i) % 4]!;
        this.#at += bytes.length;
        this.#left -= bytes.length;
        rest = rest.subarray(bytes.length);
        yield { opcode: this.#opcode, bytes };
      }
    }
  }

  #open(header: Buffer, size: number): void {
    if ((header[1]! & 0x80) === 0) throw new RangeError('A client must mask its frames');
    this.#header = Buffer.alloc(0);
    this.#opcode = header[0]! & 0x0f;
    const short = header[1]! & 0x7f;
    this.#left =
      short === 126 ? header.readUInt16BE(2) : short === 127 ? Number(header.readBigUInt64BE(2)) : short;
    this.#mask = header.subarray(size - 4, size);
    this.#at = 0;
  }
}

/** How long a frame's header is with its mask; undefined while that cannot be told. */
function headerSize(header: Buffer): number | undefined {
  if (header.length < 2) return undefined;
  const short = header[1]! & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + 4;
}

/**
 * What a web socket carries, as a stream of bytes both ways: messages have no meaning beyond their bytes. A close frame
 * is the end of the client's direction.
 */
export function webSocketStream(connection: Duplex): Duplex {
  const decoder = new WebSocketDecoder();
  const stream: Duplex = new Duplex({
    read: () => void connection.resume(),
    write: (chunk: Uint8Array, _encoding, done) => {
      connection.write(encodeWebSocketFrame(opcode.binary, chunk), done);
    },
    final: (done) => {
      connection.end(encodeWebSocketFrame(opcode.close, Buffer.of(0x03, 0xe8)), done);
    },
    destroy: (error, done) => {
      connection.destroy();
      done(error);
    },
  });
  const take = (chunk: Buffer) => {
    for (const { opcode: code, bytes } of decoder.push(chunk)) {
      if (code === opcode.close) stream.push(null);
      else if (code === opcode.ping) connection.write(encodeWebSocketFrame(opcode.pong, bytes));
      else if (code <= opcode.binary && bytes.length > 0 && !stream.push(bytes)) connection.pause();
    }
  };
  connection.on('data', (chunk: Buffer) => {
    try {
      if (!stream.readableEnded) take(chunk);
    } catch {
      connection.destroy();
    }
  });
  connection.once('end', () => stream.push(null));
  connection.once('close', () => stream.destroy());
  connection.on('error', () => connection.destroy());
  return stream;
}
