import type { BuildEvent } from '#api/build.ts';
import { humanSize } from '../../format/human.ts';
import type { BuildModel, Step } from './model.ts';

/**
 * A build as lines, step by step as they begin:
 *
 *     #5 [2/3] RUN make
 *     #5 0.321 cc -c main.c
 *     #5 not cached: file src/main.c changed
 *     #5 DONE 0.4s
 */
export class PlainText {
  readonly #model: BuildModel;
  readonly #now: (() => number) | undefined;
  #current: Step | undefined;
  #shown = new Map<Step, number>();

  /** @param now undefined for a build that was: its lines have no times */
  constructor(model: BuildModel, now: (() => number) | undefined) {
    this.#model = model;
    this.#now = now;
  }

  /** What there is to print once the model knows of an event. */
  show(event: BuildEvent): string {
    if (event.kind === 'image') return this.#leave() + imageText(event);
    if (event.kind === 'verified') return this.#leave();
    if (!('id' in event)) return '';
    const step = this.#model.steps.get(event.id);
    if (step === undefined) return '';
    // another step that runs is not interrupted until this one has something to say
    if (event.kind === 'begin') return this.#current?.outcome === 'running' ? '' : this.#turnTo(step);
    if (event.kind === 'log') return this.#logs(step);
    if (event.kind === 'end') return this.#end(step);
    return '';
  }

  #turnTo(step: Step): string {
    if (this.#current === step) return '';
    const begun = this.#shown.has(step);
    if (!begun) this.#shown.set(step, 0);
    const left = this.#leave();
    this.#current = step;
    return `${left}#${step.number} ${step.vertex.name}\n`;
  }

  /** A step that is left while it runs is marked. */
  #leave(): string {
    const left = this.#current;
    this.#current = undefined;
    if (left === undefined) return '';
    return left.outcome === 'running' ? `#${left.number} ...\n\n` : '\n';
  }

  #logs(step: Step): string {
    const shown = this.#shown.get(step) ?? 0;
    const fresh = step.logs.count - shown;
    if (fresh === 0) return '';
    const turned = this.#turnTo(step);
    this.#shown.set(step, step.logs.count);
    const at =
      this.#now === undefined ? '' : `${Math.max(0, (this.#now() - step.startedAt) / 1000).toFixed(3)} `;
    const lines = step.logs.lines.slice(-fresh).map((line) => `#${step.number} ${at}${line}`.trimEnd());
    return `${turned + lines.join('\n')}\n`;
  }

  #end(step: Step): string {
    const logs = this.#logs(step);
    const turned = this.#turnTo(step);
    const number = `#${step.number}`;
    const lines = [...transfers(step)];
    if (step.reason !== undefined) lines.push(`not cached: ${step.reason}`);
    lines.push(endLine(step));
    const text = logs + turned + lines.map((line) => `${number} ${line}\n`).join('');
    return text;
  }
}

export const seconds = (milliseconds: number): string => `${(Math.max(0, milliseconds) / 1000).toFixed(1)}s`;

function endLine(step: Step): string {
  const size = step.bytes ? ` ${humanSize(step.bytes, 3)}` : '';
  switch (step.outcome) {
    case 'cached':
      return 'CACHED';
    case 'failed':
      return `ERROR: ${step.error ?? 'failed'}`;
    case 'cancelled':
      return 'CANCELED';
    default:
      return `DONE ${seconds(step.milliseconds)}${size}`;
  }
}

/** What a step moved: `transferring context: 2.1MB`. */
export function transfers(step: Step): readonly string[] {
  return [...step.progress].map(([what, { current, total }]) => {
    if (current === undefined) return what;
    return `${what}: ${humanSize(current, 3)}${total ? ` / ${humanSize(total, 3)}` : ''}`;
  });
}

/** What an image was recorded as. */
export const imageLines = ({
  id,
  names,
}: {
  readonly id: string;
  readonly names: readonly string[];
}): readonly string[] => [`writing image ${id}`, ...names.map((name) => `naming to ${name}`)];

const imageText = (event: Extract<BuildEvent, { kind: 'image' }>): string =>
  `${['exporting to image', ...imageLines(event)].map((line) => `=> ${line}`).join('\n')}\n`;
