import { type Cli, Failure } from './command.ts';
import * as platform from './platform.ts';

/** Asks before something is destroyed. @throws {Failure} without a message when the answer is not yes */
export async function confirm(cli: Cli, warning: string): Promise<void> {
  await cli.out(`${warning}\nAre you sure you want to continue? [y/N] `);
  const answer = (await platform.stdin.line()).trim().toLowerCase();
  if (answer === 'y' || answer === 'yes') return;
  throw new Failure('', 0);
}
