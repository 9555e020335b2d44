import type { NameAnswers } from './answer.ts';
import { TTL } from './answer.ts';
import type { Way } from './exchange.ts';
import type { Forwarder } from './forward.ts';
import { MAX_MESSAGE_BYTES, readQuery, writeRefusal, writeReply } from './message.ts';

/** Answers one container: what its networks know, and what others do. */
export class Resolver {
  readonly #names: Pick<NameAnswers, 'answer'>;
  readonly #others: Pick<Forwarder, 'forward'>;

  constructor(names: Pick<NameAnswers, 'answer'>, others: Pick<Forwarder, 'forward'>) {
    this.#names = names;
    this.#others = others;
  }

  /** @returns undefined for what is no query */
  respond(message: Buffer, way: Way): Buffer | undefined | Promise<Buffer> {
    const query = readQuery(message);
    if (query === undefined) return undefined;
    if (typeof query === 'number') return writeRefusal(message, query);
    const own = this.#names.answer(query.question);
    if (own === undefined) return this.#others.forward(message, query, way);
    return writeReply(query, { ...own, ttl: TTL }, way === 'udp' ? query.udpBytes : MAX_MESSAGE_BYTES);
  }
}
