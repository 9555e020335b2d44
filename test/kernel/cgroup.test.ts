import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { findHierarchies } from '#linux/cgroup-mounts.ts';
import { openV1 } from '#linux/cgroup-v1.ts';
import { type Cgroups, MS, mount, openCgroups, unmount } from '#linux/index.ts';
import { cgroupContract } from '../fixtures/cgroup-contract.ts';
import { runInMachine } from '../fixtures/virtual-machine.ts';

const isRoot = process.getuid?.() === 0;
const native: Cgroups | undefined = isRoot ? openCgroups() : undefined;

if (native === undefined) test('control groups', { skip: 'needs root' }, () => {});
else cgroupContract(`cgroup version ${native.version} of this machine`, () => native);

if (native?.version === 1) {
  const { v1, unified } = findHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'), '/sys/fs/cgroup');
  if (unified !== undefined)
    cgroupContract('cgroup version 1 with no version 2 beside it', () => openV1(v1, undefined));
}

test('a group that the engine is alone in is divided, one with others in it is left as it is', async (context) => {
  if (native?.version !== 2) return context.skip(isRoot ? 'the virtual machine tries it' : 'needs root');
  const stranger = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
  const outside = native.create(`/hoist-inside-${process.pid}`, {});
  const inside = mkdtempSync('/tmp/hoist-inside-');
  const home = readFileSync('/proc/self/cgroup', 'utf8').trim().replace('0::', '/sys/fs/cgroup');
  mount(outside.unifiedDirectory!, inside, null, MS.BIND);
  try {
    writeFileSync(`${inside}/cgroup.procs`, `${process.pid}`);
    const group = openCgroups({ root: inside }).create('/pod/one', {
      pids: { limit: 9 },
      memory: { limit: 1 << 26 },
    });
    assert.deepEqual(group.warnings, []);
    assert.equal(readFileSync(`${inside}/pod/one/pids.max`, 'utf8'), '9\n');
    assert.match(readFileSync('/proc/self/cgroup', 'utf8'), /\/hoistd$/m);
    await group.remove();
    const given = readFileSync(`${inside}/pod/cgroup.subtree_control`, 'utf8').trim();
    writeFileSync(`${inside}/pod/cgroup.subtree_control`, given.replace(/\b(?=\w)/g, '-'));
    writeFileSync(`${inside}/pod/cgroup.procs`, `${stranger.pid}`);
    for (const limits of [{ pids: { limit: 9 } }, { memory: { limit: 1 << 26 } }, { cpu: { shares: 2 } }])
      assert.throws(() => openCgroups({ root: inside }).create('/pod/two', limits), {
        kind: 'conflict',
        message: `cannot enter cgroupv2 "${inside}/pod/two" with domain controllers -- it is in an invalid state`,
      });
    assert.ok(!existsSync(`${inside}/pod/two`));
    const without = openCgroups({ root: inside }).create('/pod/two', { pids: { limit: -1 } });
    assert.deepEqual(without.warnings, []);
    writeFileSync(`${inside}/pod/two/cgroup.procs`, `${stranger.pid}`);
    writeFileSync(`${inside}/pod/cgroup.procs`, `${stranger.pid}`);
    await without.remove();
    writeFileSync(`${inside}/pod/cgroup.subtree_control`, '+pids');
    const threaded = openCgroups({ root: inside }).create('/pod/three', {});
    writeFileSync(`${threaded.procs[0]}`, `${stranger.pid}`);
    writeFileSync(`${inside}/pod/cgroup.procs`, `${stranger.pid}`);
    assert.throws(() => openCgroups({ root: inside }).create('/pod/four', { memory: { limit: 1 << 26 } }), {
      message: `cannot enter cgroupv2 "${inside}/pod" with domain controllers -- it is in domain threaded mode`,
    });
    await threaded.remove();
    assert.deepEqual(openCgroups({ root: inside }).open('/pod').pids(), [stranger.pid]);
  } finally {
    stranger.kill('SIGKILL');
    writeFileSync(`${home}/cgroup.procs`, `${process.pid}`);
    unmount(inside);
    rmdirSync(inside);
    await outside.remove();
  }
});

test('cgroup version 2, in a virtual machine', { timeout: 900_000 }, (context) => {
  const file = join(import.meta.dirname, 'cgroup.test.ts');
  const ran = runInMachine(context, ['--test', '--test-reporter=tap', file], { seconds: 800 });
  if (ran === undefined) return;
  assert.equal(ran.status, 0, ran.output);
  assert.match(ran.stdout, /cgroup version 2 of this machine/);
});
