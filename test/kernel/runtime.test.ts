import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EngineError } from '#base/errors.ts';
import { AT_FDCWD, MS, mount, mountDetached, moveMount, openTree, unmount } from '#linux/mount.ts';
import { collect, demultiplex, openTaskBench, type TaskOptions } from '../fixtures/tasks.ts';

/** What `sh -c` of a line prints. */
async function shell(line: string, options: Omit<TaskOptions, 'args'> = {}): Promise<string> {
  await using bench = openTaskBench();
  const { stdout, stderr, exitCode } = await bench.run({ args: ['sh', '-c', line], ...options });
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
  return stdout;
}

test('echo prints and ends', async () => {
  await using bench = openTaskBench();
  const { exitCode, stdout, stderr } = await bench.run({ args: ['echo', 'hello'] });
  assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 0, stdout: 'hello\n', stderr: '' });
});

test('both streams, and the exit code', async () => {
  await using bench = openTaskBench();
  const result = await bench.run({ args: ['sh', '-c', 'echo out; echo err >&2; exit 7'] });
  assert.equal(result.stdout, 'out\n');
  assert.equal(result.stderr, 'err\n');
  assert.equal(result.exitCode, 7);
  assert.equal(result.signal, undefined);
});

test('a process ended by a signal has 128 and the signal', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  assert.equal(await task.signal(9), 'sent');
  const exit = await task.wait();
  assert.equal(exit.exitCode, 137);
  assert.equal(exit.signal, 9);
  assert.equal(exit.oomKilled, false);
  assert.equal(await task.signal(9), 'gone');
});

test('process 1 has namespaces of its own', async () => {
  const names = ['pid', 'net', 'ipc', 'mnt', 'uts', 'cgroup'];
  const printed = await shell(
    `echo $$; hostname; for n in ${names.join(' ')}; do readlink /proc/1/ns/$n; done`,
  );
  const [pid, hostname, ...inside] = printed.trim().split('\n');
  assert.equal(pid, '1');
  assert.equal(hostname, 'test');
  for (const [index, name] of names.entries()) {
    assert.match(inside[index]!, new RegExp(`^${name}:`));
    assert.notEqual(inside[index], readlinkSync(`/proc/self/ns/${name}`));
  }
});

test('without the right to make device nodes, the host’s are lent', async () => {
  await using bench = openTaskBench();
  const asked = JSON.stringify({ ...bench.request({ args: ['sleep', '100'] }), rootfs: bench.rootfs.path });
  const daemon = join(import.meta.dirname, '../fixtures/task-daemon.ts');
  const child = spawn('setpriv', ['--bounding-set=-mknod', process.execPath, daemon, asked]);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = /^created (\d+)$/m.exec(line.toString())?.[1];
  assert.match(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'), / \/null \/dev\/null /);
  child.stdin.end('remove\n');
  await once(child, 'exit');
});

test('/proc shows the container alone', async () => {
  const pids = (await shell('ls /proc')).split('\n').filter((name) => /^\d+$/.test(name));
  assert.deepEqual(pids.slice(0, 1), ['1']);
  assert.ok(pids.length <= 2);
});

test('/dev has its nodes and links', async () => {
  const printed = await shell(
    'for d in null zero full random urandom tty; do stat -c "%n %F %a %t:%T" /dev/$d; done; for l in fd stdin ptmx; do readlink /dev/$l; done; echo x > /dev/null; ls -d /dev/pts/ptmx /dev/shm /dev/mqueue; stat -f -c %T /dev/shm',
  );
  assert.equal(
    printed,
    `/dev/null character special file 666 1:3
/dev/zero character special file 666 1:5
/dev/full character special file 666 1:7
/dev/random character special file 666 1:8
/dev/urandom character special file 666 1:9
/dev/tty character special file 666 5:0
/proc/self/fd
/proc/self/fd/0
pts/ptmx
/dev/mqueue
/dev/pts/ptmx
/dev/shm
tmpfs
`,
  );
});

test('masked and read-only paths', async () => {
  const printed = await shell(
    'cat /proc/keys; ls -A /sys/firmware; ls -A /proc/acpi; (echo 1 > /proc/sys/kernel/panic) 2>/dev/null || echo refused; (echo x > /proc/sysrq-trigger) 2>/dev/null || echo refused; mkdir /sys/fs/cgroup/x 2>/dev/null || echo refused',
  );
  assert.equal(printed, 'refused\nrefused\nrefused\n');
});

test('the container sees its own control groups as the root', async () => {
  const printed = await shell(
    'cat /proc/self/cgroup; for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do [ ! -e $f ] || head -n 1 $f; done | sort -u',
  );
  for (const line of printed.split('\n').filter((text) => /^\d+:/.test(text))) assert.match(line, /:\/$/);
  assert.match(printed, /\n1\n$/);
});

test('capabilities, no_new_privs, seccomp, umask and user', async () => {
  const status = await shell('grep -E "^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups|Umask)" /proc/self/status', {
    process: { user: { uid: 1000, gid: 1001, umask: 0o027, additionalGids: [7, 8] }, noNewPrivileges: true },
  });
  assert.match(status, /Umask:\t0027/);
  assert.match(status, /Uid:\t1000\t1000\t1000\t1000/);
  assert.match(status, /Gid:\t1001\t1001\t1001\t1001/);
  assert.match(status, /Groups:\t7 8/);
  assert.match(status, /CapBnd:\t00000000a80425fb/);
  assert.match(status, /NoNewPrivs:\t1/);
  assert.match(status, /Seccomp:\t2/);
});

test('root keeps the capabilities it was given', async () => {
  const status = await shell('grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status');
  assert.match(
    status,
    /CapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nCapAmb:\t0{16}/,
  );
  assert.match(status, /NoNewPrivs:\t0/);
  assert.match(status, /Seccomp:\t2/);
});

test('a limit above the hard limit is clamped, with a warning', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({
    args: ['true'],
    process: {
      rlimits: [
        { type: 'RLIMIT_NOFILE', soft: 2 ** 30, hard: 2 ** 30 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      ],
    },
  });
  assert.equal(task.warnings.length, 1);
  assert.match(task.warnings[0]!, /RLIMIT_NOFILE/);
});

test('a limit of no descriptors beyond the standard streams starts all the same', async () => {
  await using bench = openTaskBench();
  const process = { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 3, hard: 3 }] };
  assert.equal((await bench.run({ args: ['echo', 'x'], process })).stdout, 'x\n');
});

test('limits that can be had are set', async () => {
  const printed = await shell('ulimit -n; ulimit -Hn; ulimit -c', {
    process: {
      rlimits: [
        { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      ],
    },
  });
  assert.equal(printed, '100\n200\n0\n');
});

test('binds: files and folders, read-only down the tree, missing targets made', async () => {
  await using bench = openTaskBench();
  const source = join(bench.directory, 'source');
  mkdirSync(join(source, 'deep'), { recursive: true });
  writeFileSync(join(source, 'file'), 'content\n');
  const { stdout } = await bench.run({
    args: [
      'sh',
      '-c',
      'cat /new/place/file /etc/one; touch /new/place/made && echo rw; touch /ro/deep/x 2>&1; echo y > /etc/one',
    ],
    mounts: [
      { destination: '/new/place', type: 'bind', source, options: ['rbind', 'rprivate'] },
      { destination: '/ro', type: 'bind', source, options: ['rbind', 'ro', 'rprivate'] },
      { destination: '/etc/one', type: 'bind', source: join(source, 'file'), options: ['rbind', 'rprivate'] },
    ],
  });
  assert.equal(stdout, 'content\ncontent\nrw\ntouch: /ro/deep/x: Read-only file system\n');
  assert.deepEqual(readdirSync(source).sort(), ['deep', 'file', 'made']);
  assert.equal(readFileSync(join(source, 'file'), 'utf8'), 'y\n');
});

test('a read-only root', async () => {
  await using bench = openTaskBench();
  const { stdout } = await bench.run({
    args: ['sh', '-c', 'touch /x 2>&1; touch /tmp/y && echo fine'],
    spec: { root: { path: '/', readonly: true } },
    mounts: [{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'size=1m'] }],
  });
  assert.equal(stdout, 'touch: /x: Read-only file system\nfine\n');
});

test('the working directory is made when missing', async () => {
  assert.equal(await shell('pwd', { process: { cwd: '/made/for/it' } }), '/made/for/it\n');
});

test('sysctls of its own namespaces, once the network is there', async () => {
  assert.equal(
    await shell('cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced', {
      linux: { sysctl: { 'net.ipv4.ip_unprivileged_port_start': '7', 'kernel.shm_rmid_forced': '1' } },
    }),
    '7\n1\n',
  );
});

const prefix =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
const hint =
  ': Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type';
const failures: [what: string, options: TaskOptions, kind: string, message: string][] = [
  [
    'a program not in PATH',
    { args: ['foo'] },
    'invalid',
    'exec: "foo": executable file not found in $PATH: unknown',
  ],
  [
    'a program that is not there',
    { args: ['/foo'] },
    'invalid',
    'exec: "/foo": stat /foo: no such file or directory: unknown',
  ],
  [
    'a file that is no program',
    { args: ['/etc/passwd'] },
    'invalid',
    'exec: "/etc/passwd": permission denied: unknown',
  ],
  ['a folder', { args: ['/etc'] }, 'invalid', 'exec: "/etc": permission denied: unknown'],
  [
    'a path through a file',
    { args: ['/etc/passwd/x'] },
    'invalid',
    `exec: "/etc/passwd/x": not a directory: unknown${hint}`,
  ],
  [
    'a working directory that is a file',
    { args: ['true'], process: { cwd: '/etc/passwd' } },
    'invalid',
    'error during container init: chdir to cwd ("/etc/passwd") set in config.json failed: not a directory: unknown' +
      hint,
  ],
  [
    'a bind without its source',
    { args: ['true'], mounts: [{ destination: '/x', type: 'bind', source: '/no/such', options: ['rbind'] }] },
    'invalid',
    'error during container init: error mounting "/no/such" to rootfs at "/x": no such file or directory: unknown',
  ],
  [
    'a folder bound onto a file',
    {
      args: ['true'],
      mounts: [{ destination: '/etc/passwd', type: 'bind', source: '/tmp', options: ['rbind'] }],
    },
    'invalid',
    `error during container init: error mounting "/tmp" to rootfs at "/etc/passwd": not a directory: unknown${hint}`,
  ],
  [
    'a file bound onto a folder',
    {
      args: ['true'],
      mounts: [{ destination: '/etc', type: 'bind', source: '/dev/null', options: ['rbind'] }],
    },
    'invalid',
    `error during container init: error mounting "/dev/null" to rootfs at "/etc": not a directory: unknown${hint}`,
  ],
  [
    'an unknown file system',
    { args: ['true'], mounts: [{ destination: '/x', type: 'nofs', source: 'x', options: [] }] },
    'internal',
    'error during container init: error mounting "x" to rootfs at "/x": no such device: unknown',
  ],
];
for (const [what, options, kind, message] of failures) {
  test(`cannot start: ${what}`, async () => {
    await using bench = openTaskBench();
    const request = bench.request(options);
    await assert.rejects(bench.format.create(request), (error: EngineError) => {
      assert.equal(error.message, prefix + message);
      assert.equal(error.kind, kind);
      return true;
    });
    assert.equal(
      await bench.format.restore(request.id, request.directory, request.spec.linux.cgroupsPath!),
      undefined,
    );
  });
}

test('cannot start: a log that cannot be written', async () => {
  await using bench = openTaskBench();
  const request = bench.request({ args: ['true'], request: { log: { path: '/no/such/log' } } });
  await assert.rejects(bench.format.create(request), {
    kind: 'internal',
    message: /\/no\/such\/log: no such file/,
  });
});

test('a program whose interpreter is missing says so where its output goes', async () => {
  await using bench = openTaskBench();
  writeFileSync(join(bench.rootfs.path, 'bin/script'), '#!/no/such/interpreter\n', { mode: 0o755 });
  const { exitCode, stderr } = await bench.run({ args: ['script'] });
  assert.equal(stderr, 'exec /bin/script: no such file or directory\n');
  assert.equal(exitCode, 255);
});

test('host and joined namespaces', async () => {
  await using bench = openTaskBench();
  const first = await bench.create({ args: ['sleep', '100'] });
  await first.start();
  const { stdout } = await bench.run({
    args: [
      'sh',
      '-c',
      'readlink /proc/self/ns/net; readlink /proc/self/ns/ipc; hostname; ps | grep -c "sleep 100"',
    ],
    linux: {
      namespaces: [
        { type: 'mount' },
        { type: 'network', path: `/proc/${first.pid}/ns/net` },
        { type: 'pid', path: `/proc/${first.pid}/ns/pid` },
        { type: 'uts', path: `/proc/${first.pid}/ns/uts` },
      ],
    },
  });
  const [network, ipc, hostname, found] = stdout.trim().split('\n');
  assert.equal(network, readlinkSync(`/proc/${first.pid}/ns/net`));
  assert.equal(ipc, readlinkSync('/proc/self/ns/ipc'));
  assert.equal(hostname, 'test');
  assert.ok(Number(found) >= 1);
});

test('under --init process 1 reaps, forwards signals and ends as its child', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({
    args: ['sh', '-c', 'trap "exit 5" TERM; echo $$; (sleep 0.05 & ) ; while :; do sleep 0.05; done'],
    request: { init: true },
  });
  const stream = await task.attach({ stdin: false, stdout: true, stderr: true });
  await task.start();
  await once(stream, 'data');
  await task.signal(15);
  assert.equal((await task.wait()).exitCode, 5);
});

test('removing twice at once, and once more', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  await Promise.all([task.remove(), task.remove()]);
  await task.remove();
});

test('pause, resume, stats and pids', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  await task.pause();
  await task.resume();
  assert.deepEqual(await task.pids(), [task.pid]);
  assert.ok((await task.stats()).memory.usage > 0);
});

test("another container's /dev/shm is shared", async () => {
  await using bench = openTaskBench();
  const first = await bench.create({ args: ['sh', '-c', 'echo shared > /dev/shm/x; sleep 100'] });
  await first.start();
  const source = `/proc/${first.pid}/root/dev/shm`;
  const { stdout } = await bench.run({
    args: ['sh', '-c', 'until cat /dev/shm/x 2>/dev/null; do sleep 0.01; done'],
    mounts: [{ destination: '/dev/shm', type: 'bind', source, options: ['rbind', 'rprivate'] }],
  });
  assert.equal(stdout, 'shared\n');
});

test('propagation: a shared bind shows what the host mounts later, a private one does not', async () => {
  await using bench = openTaskBench();
  const source = join(bench.directory, 'shared');
  mkdirSync(join(source, 'sub'), { recursive: true });
  const self = openTree(AT_FDCWD, source, { clone: true });
  moveMount(self, AT_FDCWD, source);
  mount('', source, '', MS.SHARED);
  try {
    const task = await bench.create({
      args: ['sh', '-c', 'read go; cat /slave/sub/file; ls -A /private/sub; echo done'],
      mounts: [
        { destination: '/slave', type: 'bind', source, options: ['rbind', 'rslave'] },
        { destination: '/private', type: 'bind', source, options: ['rbind', 'rprivate'] },
      ],
      request: { stdin: true, stdinOnce: true },
    });
    const stream = await task.attach({ stdin: true, stdout: true, stderr: true });
    const printed = collect(stream);
    await task.start();
    moveMount(mountDetached('tmpfs', []), AT_FDCWD, join(source, 'sub'));
    writeFileSync(join(source, 'sub/file'), 'from the host\n');
    stream.end('go\n');
    assert.equal(demultiplex(await printed).stdout, 'from the host\ndone\n');
  } finally {
    unmount(join(source, 'sub'));
    unmount(source);
    closeSync(self);
  }
});

test('the root and the host are apart: nothing that is mounted inside shows outside', async () => {
  const before = readFileSync('/proc/self/mountinfo', 'utf8');
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'], linux: { rootfsPropagation: 'shared' } });
  await task.start();
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8'), before);
  assert.doesNotMatch(readFileSync(`/proc/${task.pid}/mountinfo`, 'utf8'), / \/(old|host)/);
});

test('out of memory: killed, and said so', async () => {
  await using bench = openTaskBench();
  const exit = await bench.run({
    args: ['tail', '/dev/zero'],
    linux: { resources: { memory: { limit: 16 << 20, swap: 16 << 20 } } },
  });
  assert.equal(exit.exitCode, 137);
  assert.equal(exit.oomKilled, true);
});

test('fifty containers, eight at a time', async () => {
  await using bench = openTaskBench();
  const codes: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < 50) {
      const code = next++;
      codes.push((await bench.run({ args: ['sh', '-c', `exit ${code}`] })).exitCode);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  assert.deepEqual(
    codes.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, index) => index),
  );
});
