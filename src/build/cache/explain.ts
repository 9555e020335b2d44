import type { StepInputs } from './keys.ts';

/** How many changes a reason names. */
const named = 3;

/** Inputs that say the least: told only where nothing else changed. */
const general = ['step before'];

/**
 * Why a step was not found: what is otherwise than it was the last time this instruction was built.
 *
 * @param before the inputs of that time
 */
export function reasonOf(before: StepInputs, now: StepInputs): string | undefined {
  const changes: string[] = [];
  for (const [name, value] of now) {
    const earlier = before.get(name);
    if (earlier === undefined) changes.push(`${name} is new`);
    else if (earlier !== value) changes.push(`${name} changed`);
  }
  for (const name of before.keys()) if (!now.has(name)) changes.push(`${name} is gone`);
  const specific = changes.filter((change) => !general.some((name) => change.startsWith(name)));
  // the sum over all files says less than the files do
  const files = specific.filter((change) => change.startsWith('file '));
  const told = files.length > 0 ? specific.filter((change) => !change.startsWith('files ')) : specific;
  const shown = told.length > 0 ? told : changes;
  if (shown.length === 0) return undefined;
  const rest = shown.length - named;
  return `${shown.slice(0, named).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
