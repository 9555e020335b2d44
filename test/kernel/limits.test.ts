import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { root, slowness, which } from '../fixtures/engines.ts';
import { groupVersion } from '../fixtures/group-files.ts';
import { lifeContract } from '../fixtures/life-contract.ts';
import { limitsContract } from '../fixtures/limits-contract.ts';

const machine = join(root, '../shared/vm/run');
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
  if (groupVersion === 2)
    return context.skip('the virtual machine is this one, or not needed: version 2 is here');
  if (lack !== undefined) return context.skip(lack);
  if (!existsSync(machine)) return context.skip('no ../shared');
  const node = join(root, 'node_modules/.bin/node');
  const command = [node, '--test', '--test-reporter=tap', join(import.meta.dirname, 'limits.test.ts')];
  const env: NodeJS.ProcessEnv = { ...process.env, HOIST_TEST_SLOWNESS: String(slowness * 10) };
  delete env['NODE_TEST_CONTEXT'];
  const boot = () =>
    spawnSync(machine, ['--timeout', '900', '--dir', root, '--', ...command], {
      encoding: 'utf8',
      env,
      maxBuffer: 64 << 20,
    });
  const noMachine = 125; // the emulator's own crashes too, early in some boots
  const first = boot();
  const ran = first.status === noMachine ? boot() : first;
  if (ran.status === noMachine)
    return context.skip(`the virtual machine cannot run: ${ran.stderr.trim().split('\n').at(-1)}`);
  assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
  assert.match(ran.stdout, /# Subtest: limits, cgroup version 2/);
});
