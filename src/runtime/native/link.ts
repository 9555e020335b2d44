import type { Socket } from 'node:net';
import { internal } from '#base/errors.ts';
import { MESSAGE } from '../protocol.ts';
import type { Report } from './failure.ts';
import {
  decodeExit,
  decodeMessages,
  decodeReport,
  type ExitReport,
  encodeMessage,
  type Message,
} from './messages.ts';

/** What a request came to: the reply, and the warnings that came before it. */
export interface Reply {
  readonly message: Message;
  readonly warnings: readonly Report[];
}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  readonly warnings: Report[];
}

/** The control connection to one shim: requests with their replies, and the exits of its processes. */
export interface Link {
  /** Sends a request and waits for its reply. @throws `internal` when the shim goes away first */
  ask(type: number, body: Uint8Array): Promise<Reply>;
  /** The reply that comes unasked at birth: CREATED or FAILED. */
  readonly birth: Promise<Reply>;
  /** Resolves when this process of the shim has ended; `undefined` when the shim went away without a word of it. */
  exitOf(process: number): Promise<ExitReport | undefined>;
  /** Resolves when the connection is no more. */
  readonly closed: Promise<'ended' | 'detached'>;
  /** Ends the connection; a shim whose container has not started undoes it. */
  close(): void;
  /** Lets go of a shim that runs on: exits stay unknown for ever, and nothing of the connection keeps this program alive. */
  detach(): void;
}

const BIRTH = 0;

export function openLink(socket: Socket): Link {
  const waiting = new Map<number, Waiting>();
  const exits = new Map<number, PromiseWithResolvers<ExitReport | undefined>>();
  const closed = Promise.withResolvers<'ended' | 'detached'>();
  let received: Buffer = Buffer.alloc(0);
  let lastId = BIRTH;
  let gone = false;
  let detached = false;

  const expect = (id: number) =>
    new Promise<Reply>((resolve, reject) => {
      if (gone) reject(lost());
      else waiting.set(id, { resolve, reject, warnings: [] });
    });
  const exitOf = (process: number) => {
    const known = exits.get(process);
    if (known !== undefined) return known;
    const fresh = Promise.withResolvers<ExitReport | undefined>();
    if (gone && !detached) fresh.resolve(undefined);
    else exits.set(process, fresh);
    return fresh;
  };
  const take = (message: Message) => {
    if (message.type === MESSAGE.EXITED) {
      const exit = decodeExit(message.body);
      exitOf(exit.process).resolve(exit);
      return;
    }
    const request = waiting.get(message.id);
    if (message.type === MESSAGE.WARNING) request?.warnings.push(decodeReport(message.body));
    else if (request !== undefined) {
      waiting.delete(message.id);
      request.resolve({ message, warnings: request.warnings });
    }
  };
  const end = () => {
    gone = true;
    for (const { reject } of waiting.values()) reject(lost());
    if (!detached) for (const exit of exits.values()) exit.resolve(undefined);
    closed.resolve(detached ? 'detached' : 'ended');
  };

  const birth = expect(BIRTH);
  birth.catch(() => undefined); // a restored link has no birth to wait for
  socket.on('data', (chunk: Buffer) => {
    const { messages, rest } = decodeMessages(
      received.length === 0 ? chunk : Buffer.concat([received, chunk]),
    );
    received = rest;
    messages.forEach(take);
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => undefined); // `close` follows, and says as much
  socket.on('close', end);

  return {
    birth,
    closed: closed.promise,
    exitOf: (process) => exitOf(process).promise,
    ask: (type, body) => {
      lastId += 1;
      const reply = expect(lastId);
      if (!gone) socket.write(encodeMessage(type, lastId, body));
      return reply;
    },
    close: () => socket.destroy(),
    detach: () => {
      detached = true;
      socket.destroy();
    },
  };
}

const lost = () => internal('the shim of the container is gone');
