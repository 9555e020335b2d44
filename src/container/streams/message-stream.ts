import { Duplex } from 'node:stream';

/** A stream that says one thing (or nothing) and ends: for a process that never was. In frames unless it is a terminal's. */
export function messageStream(text: string, tty: boolean): Duplex {
  const body = Buffer.from(text);
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 4);
  const stream = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() });
  if (body.length > 0) stream.push(tty ? body : Buffer.concat([header, body]));
  stream.push(null);
  return stream;
}
