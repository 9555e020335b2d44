import type { EventMessage } from '#api/index.ts';
import { events } from '#client/system/events.ts';
import type { Cli } from '../command.ts';

/** The seven steps from a name to a running process, in the words that the engine's `step` events use. */
const steps: Readonly<Record<string, string>> = {
  image: 'find or pull the image',
  create: 'create the container',
  filesystem: 'allocate the file system',
  network: 'attach the network',
  address: 'take an IP address',
  process: 'run the process',
  output: 'capture its output',
};

/**
 * Prints each step of one container on standard error as the engine takes it. Listening has begun when it resolves.
 *
 * @returns what is told the container's id, once it is known, and resolves when the steps so far are printed
 */
export async function showSteps(cli: Cli): Promise<{ follow(id: string): void }> {
  const listening = new AbortController();
  const feed = await events(cli.daemon, { filters: { event: ['step'] }, signal: listening.signal });
  const known = Promise.withResolvers<string>();
  void print(cli, feed, known.promise).catch(() => {});
  return { follow: known.resolve };
}

async function print(cli: Cli, feed: AsyncIterable<EventMessage>, known: Promise<string>): Promise<void> {
  const id = await known;
  for await (const { Actor } of feed) {
    if (Actor?.ID !== id) continue;
    const { step = '', detail = '', milliseconds = '' } = Actor.Attributes ?? {};
    await cli.err(line(step, detail, Number(milliseconds)));
    if (step === 'output') return;
  }
}

function line(step: string, detail: string, milliseconds: number): string {
  const number = Object.keys(steps).indexOf(step) + 1;
  const what = (steps[step] ?? step).padEnd(24);
  return `  ${number}/7 ${what} ${milliseconds.toFixed(1).padStart(6)} ms  ${detail}\n`;
}
