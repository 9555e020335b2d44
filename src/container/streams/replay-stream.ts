import { Duplex } from 'node:stream';

/** Two ways of different origin as one stream: output from a log, input to a process (or to nobody). */
export class ReplayStream extends Duplex {
  readonly #output: AsyncIterator<Uint8Array>;
  readonly #input: Duplex | undefined;

  constructor(output: AsyncIterable<Uint8Array>, input?: Duplex) {
    super({ allowHalfOpen: true });
    this.#output = output[Symbol.asyncIterator]();
    this.#input = input;
    input?.resume();
  }

  override _read(): void {
    this.#output.next().then(
      ({ done, value }) => this.push(done === true ? null : value),
      (error: Error) => this.destroy(error),
    );
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#input === undefined || this.#input.destroyed) done();
    else this.#input.write(bytes, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#input?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#input?.destroy();
    this.#output.return?.().catch(() => undefined);
    done(error);
  }
}
