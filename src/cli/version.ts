import * as platform from './platform.ts';

/** The version of this program. */
export const hoistVersion = '0.1.0';

/** `hoist --version`: Docker's form. */
export async function printVersion(): Promise<number> {
  await platform.stdout.write(`Hoist version ${hoistVersion}\n`);
  return 0;
}
