import { closeSync, openSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { conflict } from '#base/errors.ts';
import { connectWithDescriptor } from '#linux/unix-socket.ts';
import type { AttachOptions } from '../format.ts';
import { ATTACH, MESSAGE } from '../protocol.ts';
import { encodeMessage, firstMessage, messageHeaderBytes, words32 } from './messages.ts';

/** sys/un.h: what sun_path holds, without its NUL. */
const longestSocketPath = 107;

/** A connection to the shim of a task's directory. `undefined` when none listens. */
export function connectShim(directory: string): Promise<Socket | undefined> {
  const path = join(directory, 'shim.sock');
  if (Buffer.byteLength(path) <= longestSocketPath) return connectPath(path);
  const fd = openedDirectory(directory); // a longer one is named by its directory's descriptor
  if (fd === undefined) return Promise.resolve(undefined);
  return connectPath(`/proc/self/fd/${fd}/shim.sock`).finally(() => closeSync(fd));
}

function openedDirectory(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

function connectPath(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/**
 * Attaches to a process of a shim: the raw stream of its output, whose writing side is standard input.
 *
 * @throws `conflict` when the process has ended
 */
export async function attach(directory: string, process: number, options: AttachOptions): Promise<Duplex> {
  const socket = await connectShim(directory);
  if (socket === undefined) throw ended();
  socket.write(encodeMessage(MESSAGE.ATTACH, 1, words32(process, flagsOf(options))));
  const result = await firstReply(socket);
  if (result === 0) return socket.once('end', () => socket.end()); // with the process, its input ends too
  socket.destroy();
  throw ended();
}

const flagsOf = ({ stdin, stdout, stderr }: AttachOptions): number =>
  (stdin ? ATTACH.STDIN : 0) | (stdout ? ATTACH.STDOUT : 0) | (stderr ? ATTACH.STDERR : 0);

const ended = () => conflict('cannot attach to a process that has ended');

/** The same for a connection of another's: the shim gets a copy of its descriptor, and the stream is there. */
export async function attachTo(
  directory: string,
  process: number,
  { connection, options }: { readonly connection: number; readonly options: AttachOptions },
): Promise<'attached' | 'declined'> {
  const path = join(directory, 'shim.sock');
  if (Buffer.byteLength(path) > longestSocketPath) return 'declined';
  const message = encodeMessage(MESSAGE.ATTACH, 1, words32(process, flagsOf(options)));
  let fd: number;
  try {
    fd = connectWithDescriptor(path, message, connection);
  } catch {
    return 'declined';
  }
  const socket = new Socket({ fd });
  const result = await firstReply(socket);
  socket.destroy();
  if (result !== 0) throw ended();
  return 'attached';
}

/** The errno of the reply, which is followed by the stream: of that nothing is taken. */
function firstReply(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(ended());
    const read = () => {
      const bytes: Buffer | null = socket.read(messageHeaderBytes + 4);
      if (bytes === null) return;
      socket.off('readable', read).off('error', failed).off('close', failed);
      resolve(firstMessage(bytes)!.body.readInt32LE(0));
    };
    socket.on('readable', read).on('error', failed).on('close', failed);
    read();
  });
}
