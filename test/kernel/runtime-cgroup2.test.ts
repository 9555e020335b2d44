import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { openCgroups } from '#linux/cgroup.ts';

const checkout = join(import.meta.dirname, '../..');
const machine = join(checkout, '../shared/vm/run');
/** What a container has to do with control groups, and what else differs from kernel to kernel. */
const chosen =
  'control groups|divides its own|out of memory|echo prints|masked|exec: output|pause|binds|working directory';

test('containers on cgroup version 2, in a virtual machine', { timeout: 600_000 }, (context) => {
  if (process.getuid?.() !== 0) return context.skip('needs root');
  if (openCgroups().version === 2)
    return context.skip('the virtual machine is this one, or not needed: version 2 is here');
  if (!existsSync(machine)) return context.skip('no ../shared');
  const node = join(checkout, 'node_modules/.bin/node');
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
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const ran = spawnSync(machine, ['--timeout', '500', '--dir', checkout, '--', node, ...flags, ...files], {
    encoding: 'utf8',
    env,
  });
  const noMachine = 125;
  if (ran.status === noMachine)
    return context.skip(`the virtual machine cannot run: ${ran.stderr.trim().split('\n').at(-1)}`);
  assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
  assert.match(ran.stdout, /\nok \d+ - an exec into a container that divides its own cgroup2 group\n/);
});
