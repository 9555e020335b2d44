import { createHash } from 'node:crypto';
import type { BuildEvent, BuildFailure, BuildVertex, JSONMessage } from '#api/index.ts';

export interface ClassicOptions {
  /** Only the image's id is told, and of a failure everything. */
  readonly quiet?: boolean;
  /** Whether the container of a step that succeeded is said to be removed; `force`: of one that failed too. */
  readonly remove?: boolean | 'force';
  readonly squash?: boolean;
}

type Ended = Extract<BuildEvent, { readonly kind: 'end' }>;

interface Step {
  readonly vertex: BuildVertex;
  readonly kind: 'FROM' | 'copy' | 'other';
  /** Its place among the steps that count; an ONBUILD trigger has none. */
  readonly number: number | undefined;
  readonly decoders: readonly [TextDecoder, TextDecoder];
  /** Told before its turn. */
  waiting: JSONMessage[];
  waitingBytes: number;
  begun: boolean;
  headed: boolean;
  /** Its container has been told of. */
  runs: boolean;
  container: string | undefined;
  ended: Ended | undefined;
  /** FROM: those of the base image; undefined while there may be some yet. */
  triggers: readonly Step[] | undefined;
  /** The last trigger of its stage, which ends FROM. */
  closesFrom: boolean;
}

/** How much output of a step whose turn has not come is kept. Bytes. */
const keptBytes = 2 << 20;
const clipped = { stream: `\n[output clipped, log limit ${keptBytes >> 20}MiB reached]\n` };

/** Steps in the order of the Dockerfile: of each its head, what it says, and how it ended. */
export class ClassicSteps {
  readonly #options: ClassicOptions;
  readonly #steps = new Map<number, Step>();
  /** What is to be told, triggers after their FROM. */
  readonly #order: Step[] = [];
  #globals: readonly string[] = [];
  #build = '';
  #counted = 0;
  #at = 0;
  #lines: JSONMessage[] = [];

  constructor(options: ClassicOptions) {
    this.#options = options;
  }

  /** @returns what can be told now */
  take(event: BuildEvent): readonly JSONMessage[] {
    if (event.kind === 'started') this.#build = event.build;
    if (event.kind === 'graph' && this.#steps.size > 0) this.#addTriggers(event.vertices);
    else if (event.kind === 'graph') this.#plan(event.vertices, event.globals);
    if (event.kind === 'progress' && event.id < 0) this.#lines.push(...contextLines(event));
    const step = 'id' in event && typeof event.id === 'number' ? this.#steps.get(event.id) : undefined;
    if (step !== undefined) this.#told(step, event);
    if (event.kind === 'image' || event.kind === 'output') this.#settleAll();
    return this.#advanced();
  }

  /** What is left of a build that succeeded. */
  finish(image: string | undefined): readonly JSONMessage[] {
    this.#settleAll();
    this.#advance();
    if (image !== undefined)
      this.#lines.push({
        aux: { ID: this.#options.squash === true ? (this.#order.at(-1)?.ended?.image ?? image) : image },
      });
    return this.#taken();
  }

  /** What is left of one that failed: steps that are whole, and the one that failed. */
  fail({ vertex, exitCode }: BuildFailure): readonly JSONMessage[] {
    this.#settleAll();
    for (this.#advance(); this.#at < this.#order.length; this.#at++, this.#advance()) {
      const step = this.#order[this.#at]!;
      if (step.ended?.outcome !== 'failed' && step.vertex.id !== vertex) continue;
      this.#head(step);
      if (exitCode !== undefined) this.#run(step, this.#lines);
      this.#lines.push(...step.waiting);
      if (this.#options.remove === 'force') this.#removed(step);
      break;
    }
    return this.#taken();
  }

  #plan(vertices: readonly BuildVertex[], globals: readonly string[] = []): void {
    this.#globals = globals;
    this.#counted = globals.length;
    for (const vertex of vertices) {
      const step = stepOf(vertex, ++this.#counted);
      this.#steps.set(vertex.id, step);
      this.#order.push(step);
    }
  }

  /** Vertices that come later are triggers of a base image; the first has its FROM as input. */
  #addTriggers(vertices: readonly BuildVertex[]): void {
    const from = this.#steps.get(vertices[0]?.inputs[0] ?? -1);
    if (from === undefined) return;
    const triggers = vertices.map((vertex) => stepOf(vertex, undefined));
    for (const step of triggers) this.#steps.set(step.vertex.id, step);
    triggers.at(-1)!.closesFrom = true;
    from.triggers = triggers;
    const place = this.#order.indexOf(from) + 1;
    this.#order.splice(place, 0, ...triggers);
    if (place < this.#at) this.#at += triggers.length;
  }

  #told(step: Step, event: BuildEvent): void {
    step.begun = true;
    // what goes on from a FROM says that no triggers will come
    for (const input of step.vertex.inputs) {
      const before = this.#steps.get(input);
      if (before !== undefined) before.triggers ??= [];
    }
    if (event.kind === 'running' || event.kind === 'log') this.#run(step);
    if (event.kind === 'log') {
      const text = step.decoders[event.stream - 1]!.decode(Buffer.from(event.data, 'base64'), {
        stream: true,
      });
      if (text !== '') this.#keep(step, { stream: event.stream === 2 ? inRed(text) : text });
    }
    if (event.kind === 'progress') this.#keep(step, progressLine(event));
    if (event.kind === 'end') step.ended = event;
  }

  /** Once: that a container runs the step. */
  #run(step: Step, lines?: JSONMessage[]): void {
    if (step.kind !== 'other' || step.runs) return;
    step.runs = true;
    step.container ??= this.#containerOf(step);
    const line = { stream: ` ---> Running in ${step.container}\n` };
    if (lines === undefined) this.#keep(step, line);
    else lines.push(line);
  }

  /** Most steps run in no container that anybody could name; clients only print this. */
  #containerOf({ vertex }: Step): string {
    return createHash('sha256').update(`${this.#build} ${vertex.id}`).digest('hex').slice(0, 12);
  }

  #keep(step: Step, line: JSONMessage): void {
    if (step.waitingBytes > keptBytes) return;
    step.waitingBytes += JSON.stringify(line).length;
    step.waiting.push(step.waitingBytes > keptBytes ? clipped : line);
  }

  #settleAll(): void {
    for (const step of this.#order) step.triggers ??= [];
  }

  #advanced(): readonly JSONMessage[] {
    this.#advance();
    return this.#taken();
  }

  #taken(): readonly JSONMessage[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** Tells all that the turn has come for. */
  #advance(): void {
    for (;;) {
      const step = this.#order[this.#at];
      if (step === undefined || !step.begun) return;
      if (step.ended?.outcome === 'cancelled') return;
      this.#head(step);
      this.#lines.push(...step.waiting);
      step.waiting = [];
      step.waitingBytes = 0;
      const { ended } = step;
      if (ended === undefined || ended.outcome === 'failed') return;
      if (step.kind === 'FROM' && step.triggers === undefined) return;
      this.#tail(step, ended);
      this.#at += 1;
    }
  }

  #head(step: Step): void {
    if (step.headed || step.number === undefined) return;
    step.headed = true;
    if (step.number === this.#globals.length + 1)
      this.#globals.forEach((text, index) => void this.#headLine(index + 1, text));
    this.#headLine(step.number, step.vertex.instruction ?? step.vertex.name);
  }

  #headLine(number: number, text: string): void {
    this.#lines.push({ stream: `Step ${number}/${this.#counted} : ${text}` }, { stream: '\n' });
  }

  #tail(step: Step, ended: Ended): void {
    if (step.kind === 'FROM' && step.triggers!.length > 0) {
      const { length } = step.triggers!;
      this.#lines.push({ stream: `# Executing ${length} build trigger` });
      if (length > 1) this.#lines.push({ stream: 's' });
      this.#lines.push({ stream: '\n' });
      return;
    }
    if (step.kind !== 'FROM' && ended.outcome === 'cached')
      this.#lines.push({ stream: ' ---> Using cache\n' });
    else if (step.kind === 'other') {
      this.#run(step, this.#lines);
      if (this.#options.remove) this.#removed(step);
    }
    if (step.number !== undefined || step.closesFrom)
      this.#lines.push({ stream: ` ---> ${shortImage(ended.image)}\n` });
    // a stage that ends tells its image; the last one's is told when the build has ended
    if (this.#order[this.#at + 1]?.kind === 'FROM' && ended.image !== undefined)
      this.#lines.push({ aux: { ID: ended.image } });
  }

  #removed(step: Step): void {
    if (step.container !== undefined)
      this.#lines.push({ stream: ` ---> Removed intermediate container ${step.container}\n` });
  }
}

function stepOf(vertex: BuildVertex, number: number | undefined): Step {
  const word = /^\s*(\w+)/.exec(vertex.instruction ?? '')?.[1]?.toUpperCase() ?? '';
  const kind = word === 'FROM' ? 'FROM' : word === 'COPY' || word === 'ADD' ? 'copy' : 'other';
  return {
    ...{ vertex, kind, number, container: undefined, ended: undefined },
    decoders: [new TextDecoder(), new TextDecoder()],
    ...{ waiting: [], waitingBytes: 0, begun: false, headed: false, runs: false, closesFrom: false },
    triggers: kind === 'FROM' ? undefined : [],
  };
}

/** An image's id as people see it; of `scratch` nothing. */
export const shortImage = (id: string | undefined): string => id?.replace(/^sha256:/, '').slice(0, 12) ?? '';

/** The standard error of a step, as dockerd marks it. */
const inRed = (text: string): string => `\u001b[91m${text}\u001b[0m`;

/** How far the download of a context is; what git says is not told. */
const contextLines = ({
  what,
  current,
}: Extract<BuildEvent, { readonly kind: 'progress' }>): readonly JSONMessage[] =>
  current === undefined ? [] : [{ status: what, progressDetail: { current }, id: 'Downloading context' }];

/** A pull's line, its layer or tag in front: `4f4fb700ef54: Downloading`. */
function progressLine({
  what,
  current,
  total,
}: Extract<BuildEvent, { readonly kind: 'progress' }>): JSONMessage {
  const [, id, status] = /^(?!Digest:|Status:)([\w][\w.-]{0,127}): (.*)$/.exec(what) ?? [];
  if (id === undefined || status === undefined) return { status: what };
  if (/^Pulling from /.test(status)) return { status, id };
  return {
    status,
    progressDetail: {
      ...(current === undefined ? {} : { current }),
      ...(total === undefined ? {} : { total }),
    },
    id,
  };
}
