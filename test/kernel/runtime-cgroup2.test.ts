import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { runInMachine } from '../fixtures/virtual-machine.ts';

/** What a container has to do with control groups, and what else differs from kernel to kernel. */
const chosen =
  'control groups|divides its own|out of memory|echo prints|masked|exec: output|pause|binds|working directory';

test('containers on cgroup version 2, in a virtual machine', { timeout: 600_000 }, (context) => {
  const files = ['runtime', 'runtime-streams', 'runtime-hostile'].map((name) =>
    join(import.meta.dirname, `${name}.test.ts`),
  );
  // Under software emulation, optimised code of V8 traps now and then.
  const flags = [
    '--no-opt',
    '--test',
    '--test-reporter=tap',
    '--test-concurrency=1',
    `--test-name-pattern=${chosen}`,
  ];
  const ran = runInMachine(context, [...flags, ...files], { seconds: 500 });
  if (ran === undefined) return;
  assert.equal(ran.status, 0, ran.output);
  assert.match(ran.stdout, /\nok \d+ - an exec into a container that divides its own cgroup2 group\n/);
});
