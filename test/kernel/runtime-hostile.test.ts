import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EngineError } from '#base/errors.ts';
import { capabilityNames, possibleCapabilities } from '#linux/capabilities.ts';
import { buildDirectory } from '#linux/sys.ts';
import { until } from '../fixtures/docker-client.ts';
import { runtimeProcess } from '../fixtures/runtime-spec.ts';
import { collect, demultiplex, openTaskBench, type TaskBench } from '../fixtures/tasks.ts';

const output = { stdin: false, stdout: true, stderr: true };
const shim = join(buildDirectory, 'hoist-shim');
const hashOfShim = () => createHash('sha256').update(readFileSync(shim)).digest('hex');
const all = possibleCapabilities();
const allCapabilities = { bounding: all, effective: all, inheritable: [], permitted: all, ambient: [] };

/** Replaces something of the image, as its maker would. */
function plant(bench: TaskBench, path: string, target: string): void {
  const place = join(bench.rootfs.path, path);
  rmSync(place, { recursive: true, force: true });
  symlinkSync(target, place);
}

test("the shim's program cannot be overwritten through /proc (CVE-2019-5736)", async () => {
  await using bench = openTaskBench();
  const before = hashOfShim();
  const task = await bench.create({
    args: [
      'sh',
      '-c',
      's=$(sed -n "s/^PPid:.//p" /proc/$PPID/status); readlink /proc/$s/exe; (echo evil > /proc/$s/exe) 2>/dev/null || echo refused; exec 9</proc/$s/exe; (echo evil > /proc/self/fd/9) 2>/dev/null || echo refused',
    ],
    process: { capabilities: allCapabilities },
    linux: { namespaces: [{ type: 'mount' }], seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } },
    request: { init: true },
  });
  const printed = collect(await task.attach(output));
  await task.start();
  await task.wait();
  const { stdout } = demultiplex(await printed);
  assert.match(stdout, /^\/memfd:hoist-shim \(deleted\)\nrefused\nrefused\n$/);
  assert.equal(hashOfShim(), before);
});

test('a program whose interpreter is /proc/self/exe reaches nothing but the sealed copy (CVE-2019-5736)', async () => {
  await using bench = openTaskBench();
  const before = hashOfShim();
  writeFileSync(join(bench.rootfs.path, 'bin/evil'), '#!/proc/self/exe\n', { mode: 0o755 });
  const { exitCode } = await bench.run({ args: ['evil'] });
  assert.notEqual(exitCode, 0);
  assert.equal(hashOfShim(), before);
});

test('no descriptor of the host is open inside (CVE-2024-21626)', async () => {
  await using bench = openTaskBench();
  const { stdout } = await bench.run({
    args: ['sh', '-c', 'ls /proc/self/fd; ls -l /proc/1/fd | grep -c -e /tmp -e /sys -e host'],
  });
  assert.equal(stdout, '0\n1\n2\n3\n0\n'); // 3 is what ls reads
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  const process = runtimeProcess(['ls', '/proc/self/fd']);
  const exec = await task.exec({ id: 'e', process, stdin: false, attach: output });
  assert.equal(demultiplex(await collect(exec.stream!)).stdout, '0\n1\n2\n3\n');
});

test('a working directory by a leaked descriptor is refused (CVE-2024-21626)', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  for (let fd = 3; fd < 24; fd += 1) {
    const cwd = `/proc/self/fd/${fd}`;
    await assert.rejects(bench.create({ args: ['pwd'], process: { cwd } }), (error: EngineError) =>
      /chdir|mkdir/.test(error.message),
    );
    await assert.rejects(
      task.exec({ id: 'e', process: runtimeProcess(['pwd'], { cwd }), stdin: false }),
      /chdir/,
    );
    const out = `/proc/self/fd/${fd}/../../..`;
    await assert.rejects(
      task.exec({ id: 'e', process: runtimeProcess(['pwd'], { cwd: out }), stdin: false }),
      /chdir/,
    );
  }
});

test('a working directory through a link of the image that points at a descriptor', async () => {
  await using bench = openTaskBench();
  for (let fd = 3; fd < 24; fd += 1) {
    plant(bench, 'work', `/proc/self/fd/${fd}`);
    await assert.rejects(bench.create({ args: ['pwd'], process: { cwd: '/work' } }));
  }
});

test('mount targets stay beneath the root, whatever the image links to', async () => {
  await using bench = openTaskBench();
  const outside = join(bench.directory, 'outside');
  mkdirSync(outside);
  const source = join(bench.directory, 'source');
  mkdirSync(source);
  plant(bench, 'absolute', outside);
  plant(bench, 'relative', `../../../../../../../..${outside}`);
  const { stdout } = await bench.run({
    args: ['sh', '-c', 'mount | grep -c -e /made'],
    mounts: ['/absolute/made', '/relative/made/deep', '/../../../../made'].map((destination) => ({
      destination,
      type: 'bind',
      source,
      options: ['rbind'],
    })),
  });
  assert.equal(stdout, '3\n');
  assert.deepEqual(readdirSync(outside), []);
});

test('a file bind does not make files outside by a dangling link', async () => {
  await using bench = openTaskBench();
  const outside = join(bench.directory, 'outside');
  mkdirSync(outside);
  const source = join(bench.directory, 'source');
  writeFileSync(source, 'x');
  plant(bench, 'etc/resolv.conf', join(outside, 'resolv.conf'));
  await bench
    .run({
      args: ['true'],
      mounts: [{ destination: '/etc/resolv.conf', type: 'bind', source, options: ['rbind'] }],
    })
    .catch(() => undefined);
  assert.deepEqual(readdirSync(outside), []);
});

test('the working directory is not made outside', async () => {
  await using bench = openTaskBench();
  const outside = join(bench.directory, 'outside');
  mkdirSync(outside);
  plant(bench, 'work', outside);
  await bench.run({ args: ['pwd'], process: { cwd: '/work/made' } });
  assert.deepEqual(readdirSync(outside), []);
});

test('an image whose /proc is a link cannot have its masks undone (CVE-2019-19921)', async () => {
  await using bench = openTaskBench();
  mkdirSync(join(bench.rootfs.path, 'evil'));
  plant(bench, 'proc', '/evil');
  const { stdout } = await bench.run({
    args: [
      'sh',
      '-c',
      'stat -f -c %T /evil; (echo 1 > /evil/sysrq-trigger) 2>/dev/null || echo refused; stat -c %t:%T /evil/keys',
    ],
  });
  assert.equal(stdout, 'proc\nrefused\n1:3\n');
});

test('nothing is mounted over /proc (CVE-2019-16884)', async () => {
  await using bench = openTaskBench();
  const source = join(bench.directory, 'source');
  mkdirSync(source);
  plant(bench, 'link', '/proc');
  for (const destination of ['/proc/sys', '/proc/self/attr', '/link/1', '/tmp/../proc/fs']) {
    await assert.rejects(
      bench.create({ args: ['true'], mounts: [{ destination, type: 'bind', source, options: ['rbind'] }] }),
      (error: EngineError) => error.message.includes('cannot be mounted because it is inside /proc'),
    );
  }
});

test('views of its own over what system containers replace in /proc are allowed', async () => {
  await using bench = openTaskBench();
  const source = join(bench.directory, 'uptime');
  writeFileSync(source, '1.00 1.00\n');
  const { stdout } = await bench.run({
    args: ['cat', '/proc/uptime'],
    mounts: [{ destination: '/proc/uptime', type: 'bind', source, options: ['rbind'] }],
  });
  assert.equal(stdout, '1.00 1.00\n');
});

test("what masks is the host's null device, not the image's (CVE-2025-31133)", async () => {
  await using bench = openTaskBench();
  plant(bench, 'dev/null', '/proc/sys/kernel/core_pattern');
  const request = bench.request({ args: ['stat', '-c', '%F %t:%T', '/proc/keys'] });
  const mounts = request.spec.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
  // with the image's own /dev, whose null is a link: making the device over it fails, and so does the start
  await assert.rejects(bench.format.create({ ...request, spec: { ...request.spec, mounts } }));
  const { stdout } = await bench.run({ args: ['stat', '-c', '%F %t:%T', '/proc/keys'] });
  assert.equal(stdout, 'character special file 1:3\n');
});

test('the terminal is not mounted over what an image links /dev/console to (CVE-2025-52565)', async () => {
  await using bench = openTaskBench();
  plant(bench, 'dev/console', '/proc/sysrq-trigger');
  const request = bench.request({ args: ['true'], process: { terminal: true } });
  const mounts = request.spec.mounts.filter(
    ({ destination }) => destination !== '/dev' && destination !== '/dev/shm',
  );
  await assert.rejects(bench.format.create({ ...request, spec: { ...request.spec, mounts } }));
});

test('a sysctl is written to procfs itself, past what is mounted on it (CVE-2025-52881)', async () => {
  await using bench = openTaskBench();
  const source = join(bench.directory, 'fips');
  writeFileSync(source, 'untouched');
  await assert.rejects(
    bench.create({
      args: ['true'],
      mounts: [{ destination: '/proc/sys/crypto/fips_enabled', type: 'bind', source, options: ['rbind'] }],
      linux: { sysctl: { 'crypto.fips_enabled': '1' } },
    }),
  );
  assert.equal(readFileSync(source, 'utf8'), 'untouched');
});

test('an exec with a terminal does not trust a /dev/pts that the container has replaced', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({
    args: [
      'sh',
      '-c',
      'umount /dev/pts; mkdir -p /dev/pts; ln -s /proc/sysrq-trigger /dev/pts/ptmx; sleep 100',
    ],
    process: { capabilities: allCapabilities },
    linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } },
  });
  await task.start();
  const replaced = () => lstatSync(`/proc/${task.pid}/root/dev/pts/ptmx`, { throwIfNoEntry: false });
  await until('the link', () => replaced()?.isSymbolicLink() === true);
  const process = runtimeProcess(['true'], { terminal: true });
  await assert.rejects(task.exec({ id: 'e', process, stdin: false }));
});

test('a container cannot read or trace what is about to execute in it', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  const { pid } = task; // created and waiting: still the shim's program
  assert.equal(readlinkSync(`/proc/${pid}/exe`), '/memfd:hoist-shim (deleted)');
  assert.match(readFileSync(`/proc/${pid}/environ`, 'utf8'), /^$/);
  await task.start();
});

test('capabilities that the engine lacks are left out, with a warning', {
  skip: all.length === capabilityNames.length && 'every capability is here',
}, async () => {
  await using bench = openTaskBench();
  const every = capabilityNames;
  const task = await bench.create({
    args: ['true'],
    process: {
      capabilities: { bounding: every, effective: every, inheritable: every, permitted: every, ambient: [] },
    },
  });
  assert.match(task.warnings.join(), /Capabilities/);
});

test('files of a task are for root alone', async () => {
  await using bench = openTaskBench();
  const request = bench.request({ args: ['sleep', '100'] });
  const task = await bench.format.create(request);
  assert.ok(existsSync(join(request.directory, 'shim.sock')));
  await task.remove();
  assert.equal(existsSync(request.directory), false);
});
