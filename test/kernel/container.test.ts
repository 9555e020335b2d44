import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTar } from '#archive/index.ts';
import type { Engine } from '#engine/index.ts';
import { collect, openTestEngine, run, type TestEngine, untilPrinted } from './container-fixture.ts';

let held: TestEngine;
let engine: Engine;
const skip = process.getuid?.() === 0 ? false : 'needs root';

before(async () => {
  if (skip !== false) return;
  held = await openTestEngine();
  engine = held.engine;
});
after(async () => {
  await held?.[Symbol.asyncDispose]();
});

test('runs a command: output, error output, exit code', { skip }, async () => {
  const ran = await run(engine, { Cmd: ['sh', '-c', 'echo out; echo err >&2; exit 3'] });
  assert.deepEqual([ran.stdout, ran.stderr, ran.exitCode], ['out\n', 'err\n', 3]);
  const { State: state } = await engine.containers.views.inspect(ran.id);
  assert.equal(state.Status, 'exited');
  assert.equal(state.ExitCode, 3);
  const logs = await engine.containers.streams.logs(ran.id, { stdout: true, stderr: true });
  assert.deepEqual(await collect(logs.stream, logs.tty), { stdout: 'out\n', stderr: 'err\n' });
});

test('what is attached before the start gets all, and standard input ends', { skip }, async () => {
  const input = 'line\n'.repeat(20_000);
  const ran = await run(engine, { Cmd: ['cat'] }, {}, input);
  assert.equal(ran.stdout, input);
});

test('a terminal: size, raw bytes, detach keys', { skip }, async () => {
  const { life, streams } = engine.containers;
  const { Id: id } = await life.create({
    config: {
      Image: 'busybox',
      Cmd: ['sh'],
      Tty: true,
      OpenStdin: true,
      HostConfig: { ConsoleSize: [30, 100] },
    },
  });
  const { stream, tty } = await streams.attach(id, { stream: true, stdin: true, stdout: true });
  assert.equal(tty, true);
  await life.start(id);
  let seen = '';
  stream.on('data', (bytes: Buffer) => (seen += bytes.toString()));
  stream.write('stty size\n');
  while (!/30 100/.test(seen)) await once(stream, 'data');
  await streams.resize(id, { width: 90, height: 20 });
  stream.write('stty size\n');
  while (!/20 90/.test(seen)) await once(stream, 'data');
  stream.write('\x10\x11');
  await once(stream, 'end');
  assert.equal((await engine.containers.views.inspect(id)).State.Status, 'running');
  await life.remove(id, { force: true });
});

test('stop: by signal, then by force', { skip }, async () => {
  const { life, views } = engine.containers;
  const { Id: id } = await life.create({ config: { Image: 'busybox', Cmd: ['sleep', '1000'] } });
  await life.start(id);
  assert.equal(await life.start(id), 'alreadyStarted');
  assert.equal(await life.stop(id, { timeoutSeconds: 0 }), 'stopped');
  assert.equal((await views.inspect(id)).State.ExitCode, 137);
  assert.equal(await life.stop(id), 'alreadyStopped');
  await life.start(id);
  await life.restart(id, { timeoutSeconds: 0 });
  assert.equal((await views.inspect(id)).State.Status, 'running');
  await assert.rejects(life.remove(id), { kind: 'conflict' });
  await life.remove(id, { force: true });
  await assert.rejects(views.inspect(id), { kind: 'notFound', message: `No such container: ${id}` });
});

test('pause and unpause, and their refusals', { skip }, async () => {
  const { life, views } = engine.containers;
  const { Id: id } = await life.create({ config: { Image: 'busybox', Cmd: ['sleep', '1000'] } });
  await assert.rejects(life.pause(id), { message: `container ${id} is not running` });
  await life.start(id);
  await life.pause(id);
  await assert.rejects(life.pause(id), { message: `container ${id} is already paused` });
  assert.equal((await views.inspect(id)).State.Paused, true);
  await life.unpause(id);
  await life.pause(id);
  await life.remove(id, { force: true });
});

test('exec: output, exit code, user, folder, what cannot run', { skip }, async () => {
  const { life, execs } = engine.containers;
  const { Id: id } = await life.create({
    config: { Image: 'busybox', Cmd: ['sleep', '1000'], Env: ['A=1'] },
  });
  await life.start(id);
  const exec = async (config: object) => {
    const { Id: execId } = await execs.create(id, { AttachStdout: true, AttachStderr: true, ...config });
    const attached = await execs.start(execId, {});
    const output = attached === undefined ? undefined : await collect(attached.stream, attached.tty);
    while (execs.inspect(execId).Running) await sleep(5);
    return { ...output, exitCode: execs.inspect(execId).ExitCode };
  };
  assert.deepEqual(
    await exec({
      Cmd: ['sh', '-c', 'id -un; pwd; echo $A $B; exit 4'],
      User: 'web',
      WorkingDir: '/tmp',
      Env: ['B=2'],
    }),
    {
      stdout: 'web\n/tmp\n1 2\n',
      stderr: '',
      exitCode: 4,
    },
  );
  const missing = await exec({ Cmd: ['nope'] });
  assert.equal(missing.exitCode, 127);
  assert.match(missing.stdout ?? '', /exec: "nope": executable file not found in \$PATH/);
  assert.equal((await exec({ Cmd: ['/etc/passwd'] })).exitCode, 126);
  await life.remove(id, { force: true });
});

test('a program that is not there: exit code 127, still created', { skip }, async () => {
  const { life, views } = engine.containers;
  const { Id: id } = await life.create({ config: { Image: 'busybox', Cmd: ['nope'] } });
  await assert.rejects(life.start(id), {
    kind: 'invalid',
    message: /exec: "nope": executable file not found in \$PATH/,
  });
  const { State: state } = await views.inspect(id);
  assert.deepEqual([state.Status, state.ExitCode], ['created', 127]);
  await life.remove(id);
});

test('--rm: gone after its end, and who waits for that is told', { skip }, async () => {
  const { life, views } = engine.containers;
  const { Id: id } = await life.create({
    config: { Image: 'busybox', Cmd: ['sh', '-c', 'exit 5'], HostConfig: { AutoRemove: true } },
  });
  const removed = life.wait(id, 'removed');
  await life.start(id);
  assert.deepEqual(await removed, { StatusCode: 5 });
  await assert.rejects(views.inspect(id), { kind: 'notFound' });
});

test('restart policy on-failure: tries so often, then stays down', { skip }, async () => {
  const { life, views } = engine.containers;
  const { Id: id } = await life.create({
    config: {
      Image: 'busybox',
      Cmd: ['false'],
      HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
    },
  });
  await life.start(id);
  while ((await views.inspect(id)).State.Status !== 'exited') await sleep(20);
  const reply = await views.inspect(id);
  assert.deepEqual([reply.RestartCount, reply.State.ExitCode], [2, 1]);
  await life.remove(id);
});

test('volumes are filled from the image; binds and tmpfs are there', { skip }, async () => {
  const ran = await run(
    engine,
    {
      Cmd: [
        'sh',
        '-c',
        'cat /data/file; echo new > /data/other; ls /mine; mount | grep -c "/scratch type tmpfs"',
      ],
    },
    { Binds: ['filled:/data', `${held.root}/made/here:/mine`], Tmpfs: { '/scratch': 'size=1m' } },
  );
  assert.equal(ran.stdout, 'from the image\n1\n');
  const again = await run(engine, { Cmd: ['cat', '/data/other'] }, { Binds: ['filled:/data:ro'] });
  assert.equal(again.stdout, 'new\n');
  await assert.rejects(engine.volumes.remove('filled'), {
    kind: 'conflict',
    message: /^remove filled: volume is in use - \[/,
  });
});

test('a volume gets owner and mode of the place it fills', { skip }, async () => {
  const ran = await run(
    engine,
    { Cmd: ['stat', '-c', '%u %g %a', '/home/web'] },
    { Binds: ['owned:/home/web'] },
  );
  assert.equal(ran.stdout, '100 101 750\n');
});

test('a volume that is a file system of its own is mounted while somebody has it', { skip }, async () => {
  const { Mountpoint: place } = await engine.volumes.create({
    Name: 'small',
    DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,noexec' },
  });
  const mounted = () => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${place} `);
  const ran = await run(engine, { Cmd: ['sh', '-c', 'df -k /m | tail -1'] }, { Binds: ['small:/m'] });
  assert.match(ran.stdout, / 1024 /);
  await engine.containers.life.remove(ran.id);
  assert.equal(mounted(), false);
  await engine.volumes.remove('small');
});

test('an image that lost its name is listed by its id', { skip }, async () => {
  const { life, views } = engine.containers;
  engine.images.tag('busybox', 'passing');
  const { Id: id } = await life.create({ config: { Image: 'passing' } });
  const shown = async () => (await views.list({ all: true })).find((one) => one.Id === id)?.Image;
  assert.equal(await shown(), 'passing');
  await engine.images.remove('passing');
  assert.equal(await shown(), engine.images.get('busybox').id);
  await life.remove(id);
});

test('removing a container takes its own volumes, never named ones', { skip }, async () => {
  const { life } = engine.containers;
  const before = engine.volumes.list().Volumes.length;
  const config = {
    Image: 'busybox',
    Cmd: ['true'],
    Volumes: { '/own': {} },
    HostConfig: { Binds: ['kept:/kept'] },
  };
  const { Id: id } = await life.create({ config });
  assert.equal(engine.volumes.list().Volumes.length, before + 2);
  await life.remove(id, { volumes: true });
  const { Id: gone } = await life.create({
    config: { ...config, HostConfig: { ...config.HostConfig, AutoRemove: true } },
  });
  const removed = life.wait(gone, 'removed');
  await life.start(gone);
  await removed;
  assert.equal(engine.volumes.list().Volumes.length, before + 1);
  await engine.volumes.remove('kept');
});

test('network: an address, hosts, and one network for two', { skip }, async () => {
  const { life, views } = engine.containers;
  const { Id: id } = await life.create({
    name: 'server',
    config: { Image: 'busybox', Cmd: ['sleep', '1000'] },
  });
  await life.start(id);
  const { NetworkSettings: settings } = await views.inspect(id);
  assert.match(settings.IPAddress, /^10\.213\./);
  const peer = await run(
    engine,
    { Cmd: ['sh', '-c', 'hostname; ip -4 addr show eth0 | grep -c inet'] },
    { NetworkMode: 'container:server' },
  );
  assert.equal(peer.stdout, `${id.slice(0, 12)}\n1\n`);
  const none = await run(
    engine,
    { Cmd: ['sh', '-c', 'ip link | grep -c LOOPBACK,UP; ls /sys/class/net | wc -l'] },
    { NetworkMode: 'none' },
  );
  assert.equal(none.stdout, '1\n1\n');
  await life.remove(id, { force: true });
});

test('namespaces of another container: shared memory when it shares it, processes', { skip }, async () => {
  const { life } = engine.containers;
  const donor = async (name: string, host: object) => {
    const Cmd = ['sh', '-c', 'echo shared > /dev/shm/x; echo up; sleep 1000'];
    await life.create({ name, config: { Image: 'busybox', Cmd, HostConfig: host } });
    await life.start(name);
    await untilPrinted(engine, name, 'up');
  };
  await donor('shares', { IpcMode: 'shareable' });
  await donor('keeps', {});
  const peer = await run(
    engine,
    { Cmd: ['sh', '-c', 'cat /dev/shm/x; tr "\\0" " " < /proc/1/cmdline'] },
    { IpcMode: 'container:shares', PidMode: 'container:shares' },
  );
  assert.equal(peer.stdout, 'shared\nsleep 1000 ');
  await assert.rejects(run(engine, { Cmd: ['true'] }, { IpcMode: 'container:keeps' }), {
    kind: 'invalid',
    message: /non-shareable IPC/,
  });
  await life.remove('shares', { force: true });
  await life.remove('keeps', { force: true });
  await assert.rejects(run(engine, { Cmd: ['true'] }, { PidMode: 'container:keeps' }), {
    kind: 'notFound',
    message: 'No such container: keeps',
  });
});

test('top, stats, changes, update', { skip }, async () => {
  const { life, views } = engine.containers;
  const { Id: id } = await life.create({
    config: { Image: 'busybox', Cmd: ['sh', '-c', 'echo x > /new; sleep 1000'] },
  });
  await life.start(id);
  // Until the shell has become its last command: ash executes that in its own place.
  let commands = await commandsIn(id);
  for (let tries = 0; commands[0] !== 'sleep 1000' && tries < 2000; tries += 1) {
    await sleep(10);
    commands = await commandsIn(id);
  }
  assert.deepEqual(commands, ['sleep 1000']);
  for await (const stats of views.stats(id, { oneShot: true }))
    assert.ok((stats.pids_stats.current ?? 0) >= 1);
  assert.deepEqual(
    (await views.changes(id)).map(({ Path, Kind }) => `${Kind} ${Path}`),
    ['1 /new'],
  );
  await life.update(id, { Memory: 32 << 20, MemorySwap: 32 << 20 });
  assert.equal((await views.inspect(id)).HostConfig.Memory, 32 << 20);
  await life.remove(id, { force: true });
});

test('events of a whole life, in order', { skip }, async () => {
  const abort = new AbortController();
  const feed = engine.events.subscribe({ filter: { type: ['container'] }, signal: abort.signal });
  const { life } = engine.containers;
  const { Id: id } = await life.create({ config: { Image: 'busybox', Cmd: ['sleep', '1000'] } });
  await life.start(id);
  await life.stop(id, { timeoutSeconds: 0 });
  await life.remove(id);
  abort.abort();
  const actions: string[] = [];
  for await (const event of feed) if (event.Actor.ID === id) actions.push(event.Action);
  assert.deepEqual(actions, ['create', 'start', 'kill', 'kill', 'die', 'stop', 'destroy']);
});

test('follows a log to its end, and replays to an attachment all that was printed', { skip }, async () => {
  const { life, streams } = engine.containers;
  const { Id: id } = await life.create({
    config: { Image: 'busybox', Cmd: ['sh', '-c', 'for i in 1 2 3 4 5; do echo $i; sleep 0.05; done'] },
  });
  await life.start(id);
  const logs = await streams.logs(id, { stdout: true, follow: true });
  const attached = await streams.attach(id, { logs: true, stream: true, stdout: true, stderr: true });
  const want = { stdout: '1\n2\n3\n4\n5\n', stderr: '' };
  assert.deepEqual(await collect(logs.stream, logs.tty), want);
  assert.deepEqual(await collect(attached.stream, attached.tty), want);
  const tail = await streams.logs(id, { stdout: true, tail: '2' });
  assert.equal((await collect(tail.stream, tail.tty)).stdout, '4\n5\n');
});

test('an OOM kill is seen', { skip }, async () => {
  const ran = await run(
    engine,
    { Cmd: ['sh', '-c', 'a=x; while true; do a=$a$a; done'] },
    { Memory: 16 << 20, MemorySwap: 16 << 20 },
  );
  assert.equal(ran.exitCode, 137);
  assert.equal((await engine.containers.views.inspect(ran.id)).State.OOMKilled, true);
});

test('export, files in and out, and a commit', { skip }, async () => {
  const { life, files } = engine.containers;
  const { Id: id } = await life.create({ config: { Image: 'busybox', Cmd: ['sleep', '1000'] } });
  await life.start(id);
  const { stat, tar } = await files.getArchive(id, '/data/file');
  assert.deepEqual([stat.name, stat.size, stat.linkTarget], ['file', 15, '']);
  const bytes = Buffer.concat(await Array.fromAsync(tar));
  assert.ok(bytes.includes('from the image\n'));
  await files.putArchive(id, '/tmp', streamOf(bytes));
  await assert.rejects(files.statPath(id, '/nowhere'), {
    kind: 'notFound',
    message: 'Could not find the file /nowhere in container',
  });
  const { Id: image } = await engine.commit({ container: id, name: 'committed' });
  assert.match(image, /^sha256:/);
  const ran = await run(engine, { Image: 'committed', Cmd: ['cat', '/tmp/file'] });
  assert.equal(ran.stdout, 'from the image\n');
  const names = await namesIn(await files.export(id));
  assert.ok(names.includes('tmp/file') && names.includes('bin/busybox'), names.slice(0, 20).join(' '));
  await life.remove(id, { force: true });
});

test('links of a container do not lead out of it', { skip }, async () => {
  const { life, files } = engine.containers;
  const { Id: id } = await life.create({
    config: {
      Image: 'busybox',
      Cmd: ['sh', '-c', 'ln -s /etc/shadow /tmp/x; ln -s ../../../../../../../../etc /tmp/y'],
    },
  });
  const ended = life.wait(id, 'next-exit');
  await life.start(id);
  await ended;
  assert.equal((await files.statPath(id, '/tmp/x')).linkTarget, '/etc/shadow');
  await assert.rejects(files.statPath(id, '/tmp/y/shadow'), { kind: 'notFound' });
  const { tar } = await files.getArchive(id, '/tmp/y/passwd');
  assert.ok(Buffer.concat(await Array.fromAsync(tar)).includes('web:x:100:101'), 'its own /etc, not ours');
  await life.remove(id);
});

test('rename, prune', { skip }, async () => {
  const { life, views } = engine.containers;
  const { Id: id } = await life.create({
    name: 'before',
    config: { Image: 'busybox', Labels: { prune: 'me' } },
  });
  await life.rename(id, 'afterwards');
  assert.equal((await views.inspect('afterwards')).Id, id);
  await assert.rejects(life.rename(id, 'afterwards'), { kind: 'invalid' });
  const pruned = await life.prune({ label: ['prune'] });
  assert.deepEqual(pruned.ContainersDeleted, [id]);
});

test('fifty at once', { skip }, async () => {
  const { life, views } = engine.containers;
  const ids = await Promise.all(
    Array.from({ length: 50 }, async (_, number) => {
      const { Id } = await life.create({
        name: `many${number}`,
        config: { Image: 'busybox', Cmd: ['sleep', '1000'] },
      });
      await life.start(Id);
      return Id;
    }),
  );
  const addresses = new Set(
    (await Promise.all(ids.map((id) => views.inspect(id)))).map((one) => one.NetworkSettings.IPAddress),
  );
  assert.equal(addresses.size, 50);
  await Promise.all(ids.map((id) => life.remove(id, { force: true })));
});

async function* streamOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function namesIn(tar: AsyncIterable<Uint8Array>): Promise<string[]> {
  const names: string[] = [];
  for await (const { entry, body } of readTar(tar)) {
    names.push(entry.name.replace(/^\.\//, ''));
    for await (const _ of body);
  }
  return names;
}

test('verbs on one container go in turn', { skip }, async () => {
  const { life } = engine.containers;
  const { Id: id } = await life.create({ config: { Image: 'busybox', Cmd: ['sleep', '1000'] } });
  const starts = await Promise.all([life.start(id), life.start(id), life.start(id)]);
  assert.deepEqual(starts.toSorted(), ['alreadyStarted', 'alreadyStarted', 'started']);
  const [started, removed] = await Promise.allSettled([
    life.restart(id, { timeoutSeconds: 0 }),
    life.remove(id),
  ]);
  assert.equal(started.status, 'fulfilled');
  assert.equal(removed.status, 'rejected');
  await Promise.all([life.remove(id, { force: true }), life.remove(id, { force: true })]);
});

async function commandsIn(id: string): Promise<(string | undefined)[]> {
  return (await engine.containers.views.top(id)).Processes.map((row) => row[7]);
}
