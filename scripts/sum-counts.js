/**
 * Prints the counts of all runs under a folder, the failures by name, and the skips with their reasons. A skip that no
 * line of test/allowed-skips.txt matches (a regular expression over `name: reason`) fails the run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const folder = process.argv[2];
const runs = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
const total = (pick) => runs.reduce((sum, run) => sum + pick(run), 0);
const allowed = readFileSync(new URL('../test/allowed-skips.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => new RegExp(line));

const skips = runs.flatMap((run) => run.skipped);
for (const { name, reason } of skips) console.log(`skipped: ${name}: ${reason}`);
for (const { name, file } of runs.flatMap((run) => run.failures))
  console.log(`failed: ${name} (${file === undefined ? '' : relative(process.cwd(), file)})`);

const unexpected = skips.filter(
  ({ name, reason }) => !allowed.some((line) => line.test(`${name}: ${reason}`)),
);
for (const { name } of unexpected) console.log(`not an allowed skip: ${name}`);

console.log(
  `${total((run) => run.passed)} passed, ${total((run) => run.failed)} failed, ${skips.length} skipped`,
);
process.exitCode = unexpected.length > 0 || total((run) => run.failed) > 0 ? 1 : 0;
