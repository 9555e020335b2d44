import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { steps } from '../differential/commands.ts';
import { cliDifferences } from './cli-differences.ts';
import { engineName, type Pair, skip, startPair } from './cli-pair.ts';
import { cliSteps } from './cli-steps.ts';

/** The same command lines given to `docker` and to `hoist`. `HOIST_TEST_STEPS` picks some, by a pattern of names. */
const picked = new RegExp(process.env['HOIST_TEST_STEPS'] ?? '');
/** Steps of the daemons' comparison that say nothing of clients: of commands we have not. */
const notAsked = new Set(['swarm']);
const asked = [...cliSteps, ...steps.filter(({ name }) => !notAsked.has(name))].filter(({ name }) =>
  picked.test(name),
);

let pair: Pair;
before(async () => {
  if (skip === false) pair = await startPair();
});
after(() => pair?.[Symbol.asyncDispose]());

for (const { name, command } of asked) {
  test(`hoist says what docker says: ${name}`, { skip }, () => {
    const theirs = pair.run('docker', command);
    const ours = pair.run('hoist', command);
    const difference = cliDifferences[name];
    const differs = difference !== undefined && (difference.engine ?? engineName) === engineName;
    if (differs) assert.notDeepEqual(ours, theirs, `listed as a difference, yet the same: ${difference.why}`);
    else assert.deepEqual(ours, theirs);
  });
}
