import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { steps } from '../differential/commands.ts';
import { normalise, type Outcome } from '../differential/normalise.ts';
import {
  importBusybox,
  installed,
  root,
  startDockerd,
  startHoistd,
  type TestEngine,
} from '../fixtures/engines.ts';
import { cliDifferences } from './cli-differences.ts';
import { cliSteps } from './cli-steps.ts';

/**
 * The same command lines given to `docker` and to `hoist`, each with a daemon of its own of one kind, so that only the
 * clients differ. `HOIST_TEST_ENGINE=hoistd` takes our daemon in place of the reference.
 */
const engineName = process.env['HOIST_TEST_ENGINE'] ?? 'dockerd';
const only = process.env['HOIST_TEST_STEPS'];
const missing = ['docker', engineName].find((program) => program !== 'hoistd' && !installed(program));
const skip = missing === undefined ? false : `${missing} is not installed`;
const clients = ['docker', 'hoist'] as const;

let engines: Record<(typeof clients)[number], TestEngine> | undefined;
const folder = mkdtempSync(join(tmpdir(), 'cli-'));

before(async () => {
  if (skip !== false) return;
  const start = engineName === 'hoistd' ? startHoistd : startDockerd;
  engines = { docker: await start(), hoist: await start() };
  for (const client of clients) {
    importBusybox(engines[client]);
    spawnSync('mkdir', ['-p', join(folder, client, 'work'), join(folder, client, 'bin')]);
  }
  // the script calls `docker`: this one is ours
  const shim = join(folder, 'hoist/bin/docker');
  writeFileSync(shim, `#!/bin/sh\nexec "${join(root, 'bin/hoist')}" "$@"\n`);
  chmodSync(shim, 0o755);
});

after(async () => {
  for (const client of clients) await engines?.[client][Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function outcome(client: (typeof clients)[number], command: string): Outcome {
  const engine = engines![client];
  const work = join(folder, client, 'work');
  const env = {
    ...process.env,
    PATH: `${join(folder, client, 'bin')}:${process.env['PATH']}`,
    DOCKER_HOST: engine.host,
    DOCKER_CONFIG: join(folder, 'config'),
    LC_ALL: 'C',
    TZ: 'UTC',
  };
  const done = spawnSync('sh', ['-c', command], { cwd: work, env, encoding: 'utf8', timeout: 60_000 });
  const clean = (text: string) =>
    normalise(productNames(text.replaceAll(engine.directory, 'ENGINE').replaceAll(work, 'FOLDER')), work);
  return { exitCode: done.status ?? -1, stdout: clean(done.stdout), stderr: clean(done.stderr) };
}

/** Our name in the place of Docker's, and what else is meant to differ. */
function productNames(text: string): string {
  return (
    text
      .replace(/\b[Hh]oist(d|-cli)?\b/g, (word) => (word.startsWith('H') ? 'Docker' : 'docker'))
      // docker 28.2 has "See", "Run" and "SRun" here, by the kind of mistake
      .replace(/^(See|SRun) '/gm, "Run '")
      .replaceAll('Is docker running?', 'Is the docker daemon running?')
      .replace(/(\d+|Less than a|About a[n]?) (seconds?|minutes?)( ago)?( {2,})?/g, 'DURATION ')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d( \+0000 UTC)?/g, 'DATE')
  );
}

/** Steps of the daemons' comparison that say nothing of clients: lists without an order, commands we have not. */
const notAsked = new Set(['diff', 'swarm']);

for (const { name, command } of [...cliSteps, ...steps.filter((each) => !notAsked.has(each.name))]) {
  if (only !== undefined && !new RegExp(only).test(name)) continue;
  test(`hoist says what docker says: ${name}`, { skip }, () => {
    const theirs = outcome('docker', command);
    const ours = outcome('hoist', command);
    const difference = cliDifferences[name];
    const differs = difference !== undefined && (difference.engine ?? engineName) === engineName;
    if (differs) assert.notDeepEqual(ours, theirs, `listed as a difference, yet the same: ${difference.why}`);
    else assert.deepEqual(ours, theirs);
  });
}
