import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import {
  attachContainer,
  attachExec,
  connect,
  containerLogs,
  containerStats,
  createContainer,
  createExec,
  type Daemon,
  DaemonError,
  daemonVersion,
  events,
  importImage,
  inspectContainer,
  inspectExec,
  listContainers,
  removeContainer,
  startContainer,
  stopContainer,
  waitContainer,
} from '#client/index.ts';
import { busyboxTar, startHoistd, type TestEngine } from '../fixtures/engines.ts';

/** The typed client, from Node, with our daemon. */
let engine: TestEngine;
let daemon: Daemon;

before(async () => {
  engine = await startHoistd();
  daemon = connect(engine.host);
  async function* archive() {
    yield busyboxTar();
  }
  for await (const _ of await importImage(daemon, {
    fromSrc: '-',
    archive: archive(),
    repo: 'busybox',
    tag: 'latest',
    changes: ['CMD ["sh"]'],
  }));
});
after(async () => {
  daemon?.close();
  await engine?.[Symbol.asyncDispose]();
});

async function textOf(
  output: AsyncIterable<{ stream: string; bytes: Uint8Array }>,
): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { stream, bytes } of output)
    texts[stream] = (texts[stream] ?? '') + new TextDecoder().decode(bytes);
  return texts;
}

test('a container from create to remove, its streams apart, its input ended', async () => {
  const Cmd = ['sh', '-c', 'cat; echo err >&2; exit 4'];
  const config = {
    Image: 'busybox',
    Cmd,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  };
  const { Id } = await createContainer(daemon, { name: 'typed', config });
  const stream = await attachContainer(daemon, Id, { tty: false, stdin: true, stdout: true, stderr: true });
  const { exit } = await waitContainer(daemon, Id, { condition: 'next-exit' });
  await startContainer(daemon, Id);
  await stream.write(new TextEncoder().encode('to the container\n'));
  stream.endInput();
  assert.deepEqual(await textOf(stream.output), { stdout: 'to the container\n', stderr: 'err\n' });
  assert.equal((await exit).StatusCode, 4);
  assert.equal((await inspectContainer(daemon, 'typed')).State.ExitCode, 4);
  assert.deepEqual(
    await textOf(await containerLogs(daemon, Id, { tty: false, stdout: true, stderr: true })),
    { stdout: 'to the container\n', stderr: 'err\n' },
  );
  await removeContainer(daemon, Id);
  await assert.rejects(
    inspectContainer(daemon, Id),
    (error) => error instanceof DaemonError && error.kind === 'notFound',
  );
});

test('exec, stats and events', async () => {
  const listening = new AbortController();
  const feed = await events(daemon, { filters: { event: ['start'] }, signal: listening.signal });
  const { Id } = await createContainer(daemon, {
    config: { Image: 'busybox', Cmd: ['sleep', '100'], StopSignal: 'KILL' },
  });
  await startContainer(daemon, Id);
  for await (const event of feed) {
    assert.equal(event.Actor.ID, Id);
    break;
  }
  listening.abort();
  const exec = await createExec(daemon, Id, { Cmd: ['sh', '-c', 'echo in; exit 3'], AttachStdout: true });
  const { output } = await attachExec(daemon, exec.Id, { Tty: false });
  assert.deepEqual(await textOf(output), { stdout: 'in\n' });
  assert.equal((await inspectExec(daemon, exec.Id)).ExitCode, 3);
  for await (const stats of await containerStats(daemon, Id, { stream: false }))
    assert.equal(stats.pids_stats.current, 1);
  assert.deepEqual(
    (await listContainers(daemon)).map((each) => each.Id),
    [Id],
  );
  await stopContainer(daemon, Id);
  await removeContainer(daemon, Id);
});

test('many calls at once, over few connections', async () => {
  const versions = await Promise.all(Array.from({ length: 30 }, () => daemonVersion(daemon)));
  assert.ok(versions.every(({ ApiVersion }) => ApiVersion === '1.51'));
});

test('nobody there', async () => {
  await assert.rejects(daemonVersion(connect('unix:///nowhere.sock')), {
    kind: 'unavailable',
    message: /Cannot connect to the Hoist daemon at unix:\/\/\/nowhere\.sock/,
  });
});
