import type { Duplex } from 'node:stream';
import { notFound, unavailable } from '#base/errors.ts';

/** Connections to a client's agents: it parks one ahead of its use, and another when that is taken. */
export class AgentConnections {
  readonly #names: ReadonlySet<string>;
  readonly #parked = new Map<string, { connection: Duplex; done: () => void }[]>();
  readonly #wanted = new Map<string, PromiseWithResolvers<Duplex>[]>();
  #closed = false;

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  /** How a step gets a connection; undefined where the client offers no agent by that name. */
  connector(name: string): (() => Promise<Duplex>) | undefined {
    return this.#names.has(name) ? () => this.#take(name) : undefined;
  }

  #take(name: string): Promise<Duplex> {
    const parked = this.#parked.get(name)?.shift();
    if (parked !== undefined) return Promise.resolve(parked.connection);
    if (this.#closed) return Promise.reject(unavailable('the build has ended'));
    const wanted = Promise.withResolvers<Duplex>();
    this.#wanted.set(name, [...(this.#wanted.get(name) ?? []), wanted]);
    return wanted.promise;
  }

  /** Resolves when the connection has ended. */
  offer(name: string, connection: Duplex): Promise<void> {
    if (!this.#names.has(name)) throw notFound('agent', name);
    const { promise, resolve } = Promise.withResolvers<void>();
    connection.once('close', resolve);
    connection.on('error', () => undefined);
    const wanted = this.#wanted.get(name)?.shift();
    if (this.#closed) connection.destroy();
    else if (wanted !== undefined) wanted.resolve(connection);
    else {
      const entry = { connection, done: resolve };
      this.#parked.set(name, [...(this.#parked.get(name) ?? []), entry]);
      connection.once('close', () => {
        const left = this.#parked.get(name)?.filter((other) => other !== entry) ?? [];
        this.#parked.set(name, left);
      });
    }
    return promise;
  }

  close(): void {
    this.#closed = true;
    for (const { connection } of [...this.#parked.values()].flat()) connection.destroy();
    for (const wanted of [...this.#wanted.values()].flat()) wanted.reject(unavailable('the build has ended'));
  }
}
