import { parseAddress } from '../ipv4.ts';
import { type Answer, CLASS_IN, type Question, RCODE, TYPE } from './message.ts';
import type { AskedNetwork, NetworkNames } from './names.ts';

/** Seconds for which an answer of our own is good: dockerd's. */
export const TTL = 600;

const REVERSE = '.in-addr.arpa';

/** Answers by what the networks of one container know. */
export class NameAnswers {
  readonly #names: NetworkNames;
  readonly #networks: () => readonly AskedNetwork[];
  #turn = 0;

  constructor(names: NetworkNames, networks: () => readonly AskedNetwork[]) {
    this.#names = names;
    this.#networks = networks;
  }

  /** @returns undefined when the question is somebody else's to answer. A name that is known has no records but addresses. */
  answer(question: Question): { readonly rcode: number; readonly answers: readonly Answer[] } | undefined {
    if (question.class !== CLASS_IN) return undefined;
    return question.type === TYPE.PTR ? this.#pointer(question) : this.#addresses(question);
  }

  #addresses({ name, type }: Question): ReturnType<NameAnswers['answer']> {
    const addresses = this.#names.addressesOf(name, this.#networks());
    if (addresses.length === 0) return undefined;
    if (type !== TYPE.A && type !== TYPE.ANY) return { rcode: RCODE.noError, answers: [] };
    const first = this.#turn++ % addresses.length;
    const turned = [...addresses.slice(first), ...addresses.slice(0, first)];
    return { rcode: RCODE.noError, answers: turned.map((address) => ({ type: TYPE.A, address })) };
  }

  #pointer({ name }: Question): ReturnType<NameAnswers['answer']> {
    if (!name.endsWith(REVERSE)) return undefined;
    const address = parseAddress(name.slice(0, -REVERSE.length).split('.').reverse().join('.'));
    const found = address === undefined ? undefined : this.#names.nameOf(address, this.#networks());
    return found === undefined
      ? undefined
      : { rcode: RCODE.noError, answers: [{ type: TYPE.PTR, name: found }] };
  }
}
