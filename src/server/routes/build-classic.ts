import { createHash } from 'node:crypto';
import type { BuildEvent, BuildVertex, JSONMessage } from '#api/index.ts';

export interface ClassicOptions {
  /** Only the image's id is told. */
  readonly quiet: boolean;
  /** Intermediate containers are said to be removed (`rm`). */
  readonly removes: boolean;
  readonly tags: readonly string[];
}

/**
 * What dockerd's classic builder tells of a build, out of what ours tells: steps in the order of the Dockerfile, however
 * they ran. A step's lines wait until those before it have ended.
 */
export async function* classicLines(
  events: AsyncIterable<BuildEvent>,
  options: ClassicOptions,
): AsyncGenerator<JSONMessage> {
  const script = new ClassicScript(options);
  for await (const event of events) yield* options.quiet ? quietLines(event) : script.lines(event);
}

function* quietLines(event: BuildEvent): Iterable<JSONMessage> {
  if (event.kind !== 'finished') return;
  if (event.outcome === 'done') yield { stream: `${event.image}\n` };
  else yield failureLine(event);
}

type Finished = BuildEvent & { readonly kind: 'finished' };

const failureLine = ({ error }: Finished): JSONMessage => {
  const { message = '', exitCode } = error ?? {};
  return {
    errorDetail: { ...(exitCode === undefined ? {} : { code: exitCode }), message },
    error: message,
  };
};

class ClassicScript {
  readonly #options: ClassicOptions;
  #vertices: readonly BuildVertex[] = [];
  readonly #events = new Map<number, BuildEvent[]>();
  /** The step whose lines go out now, as an index. */
  #current = 0;
  #build = '';
  #begun = false;
  #running = false;
  readonly #warnings: string[] = [];

  constructor(options: ClassicOptions) {
    this.#options = options;
  }

  *lines(event: BuildEvent): Iterable<JSONMessage> {
    if (event.kind === 'started') this.#build = event.build;
    else if (event.kind === 'graph') this.#add(event.vertices);
    else if (event.kind === 'warning') {
      if (event.warning.rule === 'UnusedBuildArgs') this.#warnings.push(event.warning.detail);
    } else if (
      event.kind === 'begin' ||
      event.kind === 'log' ||
      event.kind === 'progress' ||
      event.kind === 'end'
    ) {
      const held = this.#events.get(event.id) ?? [];
      held.push(event);
      this.#events.set(event.id, held);
      yield* this.#drain();
    } else if (event.kind === 'finished') yield* this.#finish(event);
  }

  /** Triggers of ONBUILD come late: they stand behind their FROM. */
  #add(vertices: readonly BuildVertex[]): void {
    const [first] = vertices;
    const at = this.#vertices.findIndex(({ id }) => id === first?.inputs[0]);
    const isTrigger = at >= 0 && this.#vertices.length > 0;
    this.#vertices = isTrigger
      ? [...this.#vertices.slice(0, at + 1), ...vertices, ...this.#vertices.slice(at + 1)]
      : [...this.#vertices, ...vertices];
  }

  *#drain(): Iterable<JSONMessage> {
    for (;;) {
      const vertex = this.#vertices[this.#current];
      const events = vertex === undefined ? undefined : this.#events.get(vertex.id);
      if (vertex === undefined || events === undefined || events.length === 0) return;
      for (const event of events.splice(0)) {
        yield* this.#step(vertex, event);
        if (event.kind !== 'end') continue;
        this.#current += 1;
        this.#begun = false;
        this.#running = false;
      }
    }
  }

  *#step(vertex: BuildVertex, event: BuildEvent): Iterable<JSONMessage> {
    if (!this.#begun) {
      this.#begun = true;
      const number = `Step ${this.#current + 1}/${this.#vertices.length} : `;
      yield { stream: `${number}${vertex.instruction ?? vertex.name}` };
      yield { stream: '\n' };
    }
    if (event.kind === 'log') {
      yield* this.#runningIn(vertex);
      yield { stream: Buffer.from(event.data, 'base64').toString() };
    } else if (event.kind === 'progress') yield progressLine(event);
    else if (event.kind === 'end') yield* this.#end(vertex, event);
  }

  *#end(vertex: BuildVertex, event: BuildEvent & { readonly kind: 'end' }): Iterable<JSONMessage> {
    const isFrom = /^FROM\b/i.test(vertex.instruction ?? '');
    if (event.outcome === 'failed' || event.outcome === 'cancelled') {
      if (isRun(vertex)) yield* this.#runningIn(vertex);
      return;
    }
    if (event.outcome === 'cached' && !isFrom) yield { stream: ' ---> Using cache\n' };
    else if (!isFrom && !isCopy(vertex)) {
      yield* this.#runningIn(vertex);
      if (this.#options.removes)
        yield { stream: ` ---> Removed intermediate container ${this.#containerOf(vertex)}\n` };
    }
    if (event.image !== undefined) yield { stream: ` ---> ${shortId(event.image)}\n` };
    else if (isFrom) yield { stream: ' ---> \n' };
  }

  *#runningIn(vertex: BuildVertex): Iterable<JSONMessage> {
    if (this.#running) return;
    this.#running = true;
    yield { stream: ` ---> Running in ${this.#containerOf(vertex)}\n` };
  }

  /** Steps run in no container that anybody could name; clients only print this. */
  #containerOf({ id }: BuildVertex): string {
    return createHash('sha256').update(`${this.#build} ${id}`).digest('hex').slice(0, 12);
  }

  *#finish(event: Finished): Iterable<JSONMessage> {
    for (const warning of this.#warnings) yield { stream: `[Warning] ${warning}\n` };
    if (event.outcome !== 'done') {
      yield failureLine(event);
      return;
    }
    if (event.image === undefined) return;
    yield { aux: { ID: event.image } };
    yield { stream: `Successfully built ${shortId(event.image)}\n` };
    for (const tag of this.#options.tags) yield { stream: `Successfully tagged ${withTag(tag)}\n` };
  }
}

function progressLine({ what, current, total }: BuildEvent & { readonly kind: 'progress' }): JSONMessage {
  const found = /^([\w.-]+): (.*)$/.exec(what);
  const detail = current === undefined ? {} : { current, ...(total === undefined ? {} : { total }) };
  return found === null ? { status: what } : { status: found[2]!, id: found[1]!, progressDetail: detail };
}

const isRun = ({ instruction = '' }: BuildVertex): boolean => /^RUN\b/i.test(instruction);
const isCopy = ({ instruction = '' }: BuildVertex): boolean => /^(COPY|ADD)\b/i.test(instruction);

const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

const withTag = (name: string): string => (/:[^/]+$/.test(name) ? name : `${name}:latest`);
