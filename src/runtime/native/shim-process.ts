import type { Duplex } from 'node:stream';
import { EngineError, internal } from '#base/errors.ts';
import { systemError } from '#linux/sys.ts';
import type { AttachedProcess, AttachOptions, Exit } from '../format.ts';
import { MESSAGE } from '../protocol.ts';
import { attach, attachTo } from './connect.ts';
import { type Attempt, type Subject, startFailure } from './failure.ts';
import type { Link, Reply } from './link.ts';
import { decodeReport, type Message, words32 } from './messages.ts';

const ESRCH = 3;

/** One process of a shim, by its number there: 0 is the container's init. */
export class ShimProcess implements AttachedProcess {
  readonly pid: number;
  readonly #index: number;
  readonly #link: Link;
  readonly #directory: string;
  readonly #exit: Promise<Exit>;

  constructor(parts: {
    readonly index: number;
    readonly pid: number;
    readonly link: Link;
    readonly directory: string;
    readonly exit: Promise<Exit>;
  }) {
    this.pid = parts.pid;
    this.#index = parts.index;
    this.#link = parts.link;
    this.#directory = parts.directory;
    this.#exit = parts.exit;
    this.#exit.catch(() => undefined); // who waits hears of it
  }

  attach(options: AttachOptions): Promise<Duplex> {
    return attach(this.#directory, this.#index, options);
  }

  attachTo(connection: number, options: AttachOptions): Promise<'attached' | 'declined'> {
    return attachTo(this.#directory, this.#index, { connection, options });
  }

  async signal(signal: number): Promise<'sent' | 'gone'> {
    const errno = await this.#request(MESSAGE.SIGNAL, words32(this.#index, signal)).catch(goneWithShim);
    if (errno === ESRCH) return 'gone';
    if (errno !== 0) throw systemError(`Cannot send signal ${signal}`, errno);
    return 'sent';
  }

  async resize({ width, height }: { readonly width: number; readonly height: number }): Promise<void> {
    const size = (height & 0xffff) | ((width & 0xffff) << 16);
    const errno = await this.#request(MESSAGE.RESIZE, words32(this.#index, size));
    if (errno !== 0) throw systemError('Cannot resize the terminal', errno);
  }

  wait(): Promise<Exit> {
    return this.#exit;
  }

  /** Lets it execute. */
  async release(): Promise<void> {
    const errno = await this.#request(MESSAGE.START, words32(this.#index));
    if (errno !== 0) throw systemError('Cannot start the process', errno);
  }

  async #request(type: number, body: Uint8Array): Promise<number> {
    const { message } = await this.#link.ask(type, body);
    return message.body.readInt32LE(0);
  }
}

function goneWithShim(error: unknown): number {
  if (error instanceof EngineError) return ESRCH;
  throw error;
}

/** Reads CREATED. @throws the failure as Docker words it */
export function createdFrom(
  reply: Reply,
  attempt: Attempt,
  subject: Subject,
): { readonly index: number; readonly pid: number } {
  const { message } = reply;
  if (message.type === MESSAGE.CREATED) {
    return { index: message.body.readUInt32LE(0), pid: message.body.readUInt32LE(4) };
  }
  throw message.type === MESSAGE.FAILED
    ? startFailure(attempt, decodeReport(message.body), subject)
    : unexpected(message);
}

const unexpected = ({ type }: Message) => internal(`the shim answers a start with message ${type}`);
