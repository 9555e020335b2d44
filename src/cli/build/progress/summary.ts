import type { BuildWarning } from '#api/build.ts';
import type { BuildModel, Step } from './model.ts';

/** Lines of a failed step's own output that are shown at the end. */
const shownLines = 100;

export interface EndOptions {
  readonly debug: boolean;
  readonly colour: boolean;
}

/** What stands below a build that has ended: warnings, what was verified, and why it failed. */
export function endText(model: BuildModel, { debug, colour }: EndOptions): string {
  return warningsText(model.warnings, { debug, colour }) + verifiedText(model) + failureText(model);
}

function warningsText(warnings: readonly BuildWarning[], { debug, colour }: EndOptions): string {
  if (warnings.length === 0) return '';
  const some = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
  const title = ` ${some} found${debug ? '' : ' (use --debug to expand)'}:`;
  const head = colour ? `\x1b[33m${title}\x1b[0m` : title;
  return `\n${head}\n${warnings.map((each) => (debug ? longWarning(each) : shortWarning(each))).join('')}`;
}

const lineOf = ({ location }: BuildWarning) =>
  location === undefined ? '' : ` (line ${location.startLine})`;

const shortWarning = (warning: BuildWarning): string =>
  ` - ${warning.rule}: ${warning.detail}${lineOf(warning)}\n`;

const longWarning = (warning: BuildWarning): string =>
  `${shortWarning(warning)}   ${warning.description}\n${warning.url === '' ? '' : `   More info: ${warning.url}\n`}\n`;

function verifiedText({ verified }: BuildModel): string {
  if (verified === undefined) return '';
  if (verified.same) return '\nVerified: built anew, it is the same\n';
  return `\nVerified: built anew, it differs:\n${verified.differences.map((each) => ` - ${each}\n`).join('')}`;
}

/** The failed step's own output, the lines of the Dockerfile, and the message, in this order. */
function failureText(model: BuildModel): string {
  if (model.outcome === 'cancelled') return '\nERROR: build canceled\n';
  const { failure } = model;
  if (failure === undefined) return '';
  const step = failedStep(model);
  const output = step === undefined ? [] : step.logs.last(shownLines);
  const rule = '------';
  const own =
    step === undefined || output.length === 0
      ? ''
      : `${rule}\n > ${step.vertex.name}:\n${output.map((line) => `${line}\n`).join('')}${rule}\n`;
  const { excerpt = '' } = failure;
  const shown = excerpt === '' || excerpt.endsWith('\n') ? excerpt : `${excerpt}\n`;
  return `${own}${shown}ERROR: failed to solve: ${failure.message}\n`;
}

function failedStep({ steps, begun, failure }: BuildModel): Step | undefined {
  if (failure?.vertex !== undefined) return steps.get(failure.vertex);
  return begun.find(({ outcome }) => outcome === 'failed');
}
