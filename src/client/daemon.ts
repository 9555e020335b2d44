import { apiVersion, minApiVersion } from '#api/version.ts';
import { cancelled, EngineError, unavailable } from '#base/errors.ts';
import { type Answer, answerOf } from './answer.ts';
import { bodyOf, type Call, queryText } from './call.ts';
import type { Connect, Connection } from './connection.ts';
import { answeredError, errorMessage } from './daemon-error.ts';
import { BodyError, exchange, type HttpRequest } from './http.ts';

export interface DaemonOptions {
  readonly connect: Connect;
  /** The Host header. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Words for a stream that breaks before its answer. */
  readonly explain?: (cause: unknown) => Error;
  /** Speak this version and no other: no negotiation. */
  readonly version?: string;
}

/**
 * A daemon that speaks the Engine API, reached through `connect`.
 *
 * The version is negotiated without a round trip: calls speak the newest one until a daemon answers that it is too
 * new, and the call is repeated in the daemon's own. Connections whose answer was read to its end are used again.
 */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #idle: Connection[] = [];
  #opening: Promise<Connection> | undefined;
  #version: string;
  #agreed: boolean;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#version = options.version ?? apiVersion;
    this.#agreed = options.version !== undefined;
  }

  /** The version that calls speak at present. */
  get version(): string {
    return this.#version;
  }

  /** Opens a connection for the next call, without waiting for it. */
  prepare(): void {
    this.#opening ??= this.#options.connect();
    this.#opening.catch(() => {});
  }

  /** Closes what is idle. Calls under way end on their own. */
  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
    this.#opening?.then((connection) => connection.close()).catch(() => {});
    this.#opening = undefined;
  }

  /**
   * Performs a call; an answer of 400 and above is thrown.
   *
   * @throws {DaemonError} what the daemon answered
   * @throws {EngineError} `unavailable` when it cannot be reached
   */
  async call(call: Call): Promise<Answer> {
    // a streamed body can be sent once: agree on the version first
    if (call.stream !== undefined && !this.#agreed) await this.ping();
    const spoken = this.#version;
    const answer = await this.#attempt(call);
    const retry = await this.#refusal(call.method, answer, spoken);
    return retry ? this.call(call) : answer;
  }

  async json<T>(call: Call): Promise<T> {
    return (await this.call(call)).json<T>();
  }

  /** Performs a call whose answer has no content of interest. */
  async run(call: Call): Promise<number> {
    const answer = await this.call(call);
    await answer.text();
    return answer.status;
  }

  /** Asks the daemon for its API version and speaks the older of the two from then on. */
  async ping(): Promise<Readonly<Record<string, string>>> {
    const answer = await this.#send({ method: 'HEAD', path: '/_ping' }, '/_ping', false);
    await answer.text();
    const theirs = answer.headers['api-version'];
    if (!this.#agreed && theirs !== undefined) this.#agree(theirs);
    return answer.headers;
  }

  #agree(theirs: string): void {
    if (isOlder(theirs, this.#version))
      this.#version = isOlder(theirs, minApiVersion) ? minApiVersion : theirs;
    this.#agreed = true;
  }

  #attempt(call: Call): Promise<Answer> {
    return this.#send(
      call,
      `/v${this.#version}${call.path}${queryText(call.query)}`,
      call.stream === undefined,
    );
  }

  /** Throws the answer's error; `true` when the version was lowered and the call is worth repeating. */
  async #refusal(method: Call['method'], answer: Answer, spoken: string): Promise<boolean> {
    if (answer.status < 400) return false;
    // an answer to HEAD cannot say what was wrong: the version may be
    if (method === 'HEAD' && answer.status === 400 && !this.#agreed) {
      await answer.text();
      await this.ping();
      return this.#version !== spoken;
    }
    const text = await answer.text();
    const message = errorMessage(text, answer.status);
    const theirs = /client version \S+ is too new\. Maximum supported API version is ([\d.]+)/.exec(
      message,
    )?.[1];
    if (answer.status === 400 && theirs !== undefined) {
      if (!this.#agreed) this.#agree(theirs);
      // another call may have lowered it in the meantime
      if (this.#version !== spoken) return true;
    }
    throw answeredError(text, answer.status);
  }

  async #send(call: Call, path: string, repeatable: boolean): Promise<Answer> {
    if (call.signal?.aborted) throw cancelled('context canceled');
    const request: HttpRequest = { method: call.method, path, headers: this.#headers(call), ...bodyOf(call) };
    const reused = this.#idle.pop();
    try {
      return await this.#exchange(reused ?? (await this.#connection()), request, call.signal);
    } catch (error) {
      if (call.signal?.aborted) throw cancelled('context canceled', { cause: error });
      // the daemon may have closed an idle connection: a fresh one tells
      if (reused === undefined || !repeatable) throw error;
      return this.#exchange(await this.#connection(), request, call.signal);
    }
  }

  #connection(): Promise<Connection> {
    const opening = this.#opening ?? this.#options.connect();
    this.#opening = undefined;
    return opening;
  }

  async #exchange(
    connection: Connection,
    request: HttpRequest,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const abort = () => connection.close();
    signal?.addEventListener('abort', abort, { once: true });
    const response = await exchange(connection, request, (reusable) => {
      signal?.removeEventListener('abort', abort);
      if (reusable) this.#idle.push(connection);
      else connection.close();
    }).catch((cause: unknown) => {
      if (cause instanceof BodyError) throw cause.reason;
      if (cause instanceof EngineError) throw cause;
      throw this.#options.explain?.(cause) ?? unavailable((cause as Error).message, { cause });
    });
    return answerOf(response, connection);
  }

  #headers(call: Call): Record<string, string> {
    return {
      Host: this.#options.host ?? 'api.hoist.localhost',
      ...((call.json ?? call.text) !== undefined && { 'Content-Type': 'application/json' }),
      ...(call.stream !== undefined && { 'Content-Type': 'application/x-tar' }),
      ...this.#options.headers,
      ...call.headers,
    };
  }
}

/** Whether API version `a` comes before `b`: `1.9` is older than `1.24`. */
export function isOlder(a: string, b: string): boolean {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor);
}
