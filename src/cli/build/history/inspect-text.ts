import type { BuildSummary } from '#api/build.ts';
import { alignColumns } from '../../format/columns.ts';
import { humanSize } from '../../format/human.ts';
import type { BuildModel, Step } from '../progress/model.ts';
import { seconds } from '../progress/plain.ts';
import { endText } from '../progress/summary.ts';
import { durationText } from './rows.ts';

/** All about one build: what it was, each step with its time, size and why it was not cached, and how it ended. */
export function inspectText(build: BuildSummary, model: BuildModel, now: number): string {
  const facts: [string, string][] = [
    ['Build', build.id],
    ['Name', build.name],
    ['Status', build.outcome],
    ['Started', build.startedAt],
    ['Duration', durationText(build, now)],
    ['Steps', `${build.steps}, ${build.cached} of them cached`],
    ...(model.image === undefined ? [] : [['Image', model.image] as [string, string]]),
    ...model.names.map((name): [string, string] => ['Tag', name]),
  ];
  const head = facts.map(([name, value]) => `${`${name}:`.padEnd(11)}${value}\n`).join('');
  const title = 'STEP\tTIME\tSIZE\tNAME\tWHY\n';
  const steps = model.begun.map((step) => `${stepCells(step).join('\t')}\n`).join('');
  return `${head}\n${alignColumns(title + steps)}${endText(model, { debug: true, colour: false })}`;
}

function stepCells(step: Step): string[] {
  const why =
    step.outcome === 'cached' ? 'cached' : (step.reason ?? (step.outcome === 'done' ? '' : step.outcome));
  return [
    String(step.number),
    seconds(step.milliseconds),
    step.bytes === undefined ? '' : humanSize(step.bytes, 3),
    step.vertex.name,
    why,
  ];
}
