import assert from 'node:assert/strict';
import { release } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { slowness, which } from '../fixtures/engines.ts';
import { groupVersion } from '../fixtures/group-files.ts';
import { lifeContract } from '../fixtures/life-contract.ts';
import { limitsContract } from '../fixtures/limits-contract.ts';
import { runInMachine } from '../fixtures/virtual-machine.ts';

const lack = process.getuid?.() !== 0 ? 'needs root' : which('docker') ? undefined : 'docker: not installed';
const [major = 0, minor = 0] = release().split('.').map(Number);
const best = major > 6 || (major === 6 && minor >= 12) ? 'erofs' : 'overlay';

if (lack !== undefined) test('limits of containers', { skip: lack }, () => {});
else {
  limitsContract(`limits, cgroup version ${groupVersion}`);
  lifeContract(`life on ${best}, cgroup version ${groupVersion}`, best, false);
  if (best !== 'overlay') lifeContract(`life on overlay, cgroup version ${groupVersion}`, 'overlay', true);
}

test('the same on cgroup version 2, in a virtual machine', { timeout: 1_000_000 }, (context) => {
  if (lack !== undefined) return context.skip(lack);
  const file = join(import.meta.dirname, 'limits.test.ts');
  const env = { HOIST_TEST_SLOWNESS: String(slowness * 10) };
  const ran = runInMachine(context, ['--test', '--test-reporter=tap', file], { seconds: 900, env });
  if (ran === undefined) return;
  assert.equal(ran.status, 0, ran.output);
  assert.match(ran.stdout, /# Subtest: limits, cgroup version 2/);
});
