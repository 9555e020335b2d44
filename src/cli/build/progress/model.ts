import type { BuildEvent, BuildFailure, BuildOutcome, BuildVertex, BuildWarning } from '#api/build.ts';
import { LogLines } from './log-lines.ts';

/** A step of a build as far as it has been told. */
export interface Step {
  readonly vertex: BuildVertex;
  /** Its place in the order in which steps began, from 1; 0 until it has. */
  number: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  outcome: BuildOutcome | 'waiting' | 'running';
  milliseconds: number;
  bytes: number | undefined;
  reason: string | undefined;
  error: string | undefined;
  /** What goes on in it, by what it is: a download, an export. */
  readonly progress: Map<string, { current?: number | undefined; total?: number | undefined }>;
  readonly logs: LogLines;
}

/** Everything that has been told of a build: what each way of showing it looks at. */
export class BuildModel {
  readonly steps = new Map<number, Step>();
  /** In the order in which they began. */
  readonly begun: Step[] = [];
  readonly warnings: BuildWarning[] = [];
  startedAt: number | undefined;
  finishedAt: number | undefined;
  outcome: 'running' | 'done' | 'failed' | 'cancelled' = 'running';
  failure: BuildFailure | undefined;
  build: string | undefined;
  image: string | undefined;
  names: readonly string[] = [];
  verified: { readonly same: boolean; readonly differences: readonly string[] } | undefined;

  apply(event: BuildEvent): void {
    switch (event.kind) {
      case 'started':
        this.build = event.build;
        this.startedAt ??= Date.parse(event.at);
        break;
      case 'graph':
        for (const vertex of event.vertices) this.#add(vertex);
        break;
      case 'warning':
        this.warnings.push(event.warning);
        break;
      case 'begin':
        this.#begin(this.#step(event.id), Date.parse(event.at));
        break;
      case 'log':
        this.#step(event.id).logs.push(event.data);
        break;
      case 'progress': {
        const step = this.#step(event.id);
        const { current, total } = event;
        step.progress.set(event.what, { current, total });
        break;
      }
      case 'end':
        this.#end(event);
        break;
      case 'image':
        this.image = event.id;
        this.names = event.names;
        break;
      case 'verified':
        this.verified = event;
        break;
      case 'finished':
        this.outcome = event.outcome;
        this.failure = event.error;
        this.image ??= event.image;
        this.finishedAt = Date.parse(event.at);
        break;
    }
  }

  #step(id: number): Step {
    return (
      this.steps.get(id) ??
      this.#add({ id, name: id < 0 ? '[internal] load build context' : `step ${id}`, inputs: [] })
    );
  }

  #add(vertex: BuildVertex): Step {
    const step: Step = {
      vertex,
      number: 0,
      startedAt: 0,
      outcome: 'waiting',
      milliseconds: 0,
      bytes: undefined,
      reason: undefined,
      error: undefined,
      progress: new Map(),
      logs: new LogLines(),
    };
    this.steps.set(vertex.id, step);
    return step;
  }

  #begin(step: Step, at: number): void {
    if (step.number > 0) return;
    step.startedAt = at;
    step.outcome = 'running';
    step.number = this.begun.push(step);
    this.startedAt ??= at;
  }

  #end(event: Extract<BuildEvent, { kind: 'end' }>): void {
    const step = this.#step(event.id);
    this.#begin(step, Date.parse(event.at) - event.milliseconds);
    step.outcome = event.outcome;
    step.milliseconds = event.milliseconds;
    step.bytes = event.bytes;
    step.reason = event.reason;
    step.error = event.error;
    step.logs.end();
  }
}

/** How many steps have ended and how many there are. */
export function counts(model: BuildModel): { readonly ended: number; readonly all: number } {
  const ended = model.begun.filter(({ outcome }) => outcome !== 'running').length;
  return { ended, all: model.steps.size };
}
