import { Duplex } from 'node:stream';
import type { OfferedConnection } from '../containers.ts';
import type { DetachFilter } from './detach-keys.ts';

/**
 * A two-way stream that may be handed out before the process it leads to exists. What is written waits; once connected,
 * bytes and their ends pass both ways with backpressure. Destroying it lets the process's stream go.
 */
export class LateStream extends Duplex {
  readonly #filter: DetachFilter | undefined;
  readonly #onDetach: (() => void) | undefined;
  #inner: Duplex | undefined;
  #held: (() => void) | undefined;
  /** What this stream is joined with, where the process may have that itself. */
  offered: OfferedConnection | undefined;

  constructor(options: { readonly filter?: DetachFilter; readonly onDetach?: () => void } = {}) {
    super({ allowHalfOpen: true });
    this.#filter = options.filter;
    this.#onDetach = options.onDetach;
  }

  connect(inner: Duplex): void {
    if (this.destroyed) {
      inner.destroy();
      return;
    }
    this.#inner = inner;
    inner.on('data', (bytes: Uint8Array) => {
      if (!this.push(bytes)) inner.pause();
    });
    inner.once('end', () => this.push(null));
    inner.once('error', (error) => this.destroy(error));
    inner.once('close', () => {
      if (!this.readableEnded && !inner.readableEnded) this.push(null);
    });
    this.#held?.();
    this.#held = undefined;
  }

  /** There is no process to lead to: what reads meets the end. */
  giveUp(): void {
    if (this.#inner === undefined && !this.destroyed) this.push(null);
    this.#held?.();
    this.#held = undefined;
  }

  override _read(): void {
    this.#inner?.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#whenConnected(() => {
      const inner = this.#inner;
      if (inner === undefined || inner.destroyed || inner.writableEnded) {
        done();
        return;
      }
      const { output, isDetached } = this.#filter?.pass(bytes) ?? { output: bytes, isDetached: false };
      // A process that reads no more is no error of the writer: what is typed then goes nowhere, as on a terminal.
      if (output.length > 0) inner.write(output, () => done());
      else done();
      if (isDetached) this.#detach();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#whenConnected(() => {
      if (this.#inner !== undefined && !this.#inner.destroyed) this.#inner.end();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner?.destroy();
    done(error);
  }

  #whenConnected(action: () => void): void {
    if (this.#inner !== undefined) action();
    else this.#held = action;
  }

  #detach(): void {
    this.#onDetach?.();
    const inner = this.#inner;
    inner?.removeAllListeners('data');
    inner?.destroy();
    this.push(null);
  }
}
