import type { BuildEvent, BuildOutcome, BuildVertex } from '#api/index.ts';
import { messageOf } from '#base/errors.ts';

/** What became of a vertex, beyond its outcome. */
export interface Ending {
  readonly bytes?: number | undefined;
  readonly reason?: string | undefined;
  readonly image?: string | undefined;
}

/** Tells of a build's vertices: each begins once and ends once. */
export class Teller {
  readonly #tell: (event: BuildEvent) => void;
  readonly #now: () => Date;
  readonly #begun = new Map<number, number>();
  readonly #ended = new Set<number>();

  constructor(tell: (event: BuildEvent) => void, now: () => Date) {
    this.#tell = tell;
    this.#now = now;
  }

  add(vertices: readonly BuildVertex[], globals?: readonly string[]): void {
    this.#tell({ kind: 'graph', vertices, ...(globals?.length ? { globals } : {}) });
  }

  begin(id: number): void {
    if (this.#begun.has(id)) return;
    this.#begun.set(id, performance.now());
    this.#tell({ kind: 'begin', id, at: this.#at() });
  }

  /** What has begun was not found: it is being made. */
  running(id: number): void {
    this.#tell({ kind: 'running', id });
  }

  log(id: number, stream: 1 | 2, bytes: Uint8Array | string): void {
    const data = Buffer.from(bytes as string).toString('base64');
    this.#tell({ kind: 'log', id, stream, data });
  }

  progress(id: number, what: string, current?: number, total?: number): void {
    this.#tell({
      kind: 'progress',
      id,
      what,
      ...(current === undefined ? {} : { current }),
      ...(total === undefined ? {} : { total }),
    });
  }

  end(id: number, outcome: BuildOutcome, ending: Ending = {}): void {
    this.#end(id, outcome, ending, undefined);
  }

  fail(id: number, error: unknown, outcome: 'failed' | 'cancelled'): void {
    this.#end(id, outcome, {}, messageOf(error));
  }

  /** Ends what has begun and not ended. */
  endAll(): void {
    for (const id of this.#begun.keys()) this.end(id, 'cancelled');
  }

  #end(id: number, outcome: BuildOutcome, ending: Ending, error: string | undefined): void {
    if (this.#ended.has(id)) return;
    this.begin(id);
    this.#ended.add(id);
    this.#tell({
      kind: 'end',
      id,
      at: this.#at(),
      outcome,
      milliseconds: Math.round((performance.now() - this.#begun.get(id)!) * 10) / 10,
      ...(ending.bytes === undefined ? {} : { bytes: ending.bytes }),
      ...(ending.reason === undefined ? {} : { reason: ending.reason }),
      ...(ending.image === undefined ? {} : { image: ending.image }),
      ...(error === undefined ? {} : { error }),
    });
  }

  #at(): string {
    return this.#now().toISOString();
  }
}
