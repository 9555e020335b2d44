import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { importBusybox, installed, startDockerd, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { steps } from './commands.ts';
import { differences } from './differences.ts';
import { normalise, type Outcome } from './normalise.ts';

/** Both daemons speak 1.41 here, the newest that the reference knows, so that only the daemons differ. */
const apiVersion = '1.41';
const missing = ['docker', 'dockerd'].find((program) => !installed(program));
const skip = missing === undefined ? false : `${missing} is not installed`;

let engines: { hoistd: TestEngine; dockerd: TestEngine } | undefined;
const folders = { hoistd: '', dockerd: '' };

before(async () => {
  if (skip !== false) return;
  engines = { hoistd: await startHoistd(), dockerd: await startDockerd() };
  for (const name of ['hoistd', 'dockerd'] as const) {
    importBusybox(engines[name]);
    folders[name] = mkdtempSync(join(tmpdir(), 'differential-'));
  }
});

after(async () => {
  await engines?.hoistd[Symbol.asyncDispose]();
  await engines?.dockerd[Symbol.asyncDispose]();
  for (const folder of Object.values(folders))
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

function outcome(engine: TestEngine, command: string, folder: string): Outcome {
  const env = { ...process.env, DOCKER_HOST: engine.host, DOCKER_API_VERSION: apiVersion, LC_ALL: 'C' };
  const limited = ['--kill-after=2', '60', 'sh', '-c', command];
  const done = spawnSync('timeout', limited, { cwd: folder, env, encoding: 'utf8' });
  return {
    exitCode: done.status ?? -1,
    stdout: normalise(done.stdout, folder),
    stderr: normalise(done.stderr, folder),
  };
}

for (const { name, command } of steps) {
  test(`docker says the same: ${name}`, { skip }, () => {
    if (engines === undefined) throw new Error('The daemons did not start');
    const theirs = outcome(engines.dockerd, command, folders.dockerd);
    const ours = outcome(engines.hoistd, command, folders.hoistd);
    if (name in differences)
      assert.notDeepEqual(ours, theirs, `listed as a difference, yet the same: ${differences[name]}`);
    else assert.deepEqual(ours, theirs);
  });
}

test('every listed difference is a step', { skip }, () => {
  const names = new Set(steps.map(({ name }) => name));
  assert.deepEqual(
    Object.keys(differences).filter((name) => !names.has(name)),
    [],
  );
});
