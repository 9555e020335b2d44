import type { BuildEvent } from '#api/index.ts';

/** Bytes of output that wait for a reader at most. */
const maxWaiting = 16 << 20;

const clipped = Buffer.from('\n[output clipped: it comes faster than it is read]\n').toString('base64');

/**
 * Events from a build to whoever reads them. The build waits for no reader: of one that is far behind, output is clipped,
 * and said to be; all else arrives.
 */
export class EventQueue {
  #events: BuildEvent[] = [];
  #waiting = 0;
  readonly #clipped = new Set<number>();
  #ended = false;
  #wake: (() => void) | undefined;

  push(event: BuildEvent): void {
    if (event.kind === 'log') {
      if (this.#waiting > maxWaiting) {
        if (!this.#clipped.has(event.id)) this.#events.push({ ...event, data: clipped });
        this.#clipped.add(event.id);
        return;
      }
      this.#waiting += event.data.length;
    }
    this.#events.push(event);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** @param leave called when the reader goes before the end */
  async *read(leave: () => Promise<void>): AsyncGenerator<BuildEvent, void, void> {
    try {
      for (;;) {
        const events = this.#events;
        this.#events = [];
        for (const event of events) {
          yield event;
          if (event.kind === 'log') this.#waiting -= event.data === clipped ? 0 : event.data.length;
        }
        if (this.#waiting === 0) this.#clipped.clear();
        if (this.#events.length > 0) continue;
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      if (!this.#ended) await leave();
    }
  }
}
