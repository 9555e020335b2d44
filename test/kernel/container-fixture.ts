import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerConfig, HostConfig } from '#api/index.ts';
import { createLog } from '#base/log.ts';
import { type Engine, openEngine } from '#engine/index.ts';

/** An engine of a test's own: its roots, bridge and cgroup parent; and an image of the machine's busybox. */
export interface TestEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly root: string;
  /** Closes it without stopping anything, and opens another on the same roots. */
  reopen(): Promise<Engine>;
}

export async function openTestEngine(options: { readonly root?: string } = {}): Promise<TestEngine> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'hoist-container-'));
  const config = testConfig(root);
  let engine = await openEngine({ ...config, liveRestore: true });
  if (engine.images.find('busybox') === undefined) await importBusybox(engine, root);
  return {
    get engine() {
      return engine;
    },
    root,
    reopen: async () => {
      await engine.close();
      engine = await openEngine({ ...config, liveRestore: true });
      return engine;
    },
    [Symbol.asyncDispose]: async () => {
      for (const { Id } of await engine.containers.views.list({ all: true }))
        await engine.containers.life.remove(Id, { force: true, volumes: true });
      await engine.close();
      for (const group of globSync(`/sys/fs/cgroup/{*/,}${config.cgroupParent}`)) rmdirSync(group);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What keeps one test's engine apart from all others on the machine. */
export function testConfig(root: string) {
  const name = `h${Buffer.from(root).toString('hex').slice(-10)}`;
  const third = createHash('sha256').update(root).digest()[0] ?? 0;
  return {
    dataRoot: join(root, 'data'),
    runRoot: join(root, 'run'),
    bridge: name,
    bridgeAddress: `10.213.${third}.1/24`,
    cgroupParent: `/${name}`,
    log: createLog({
      level: process.env['HOIST_TEST_LOG'] === undefined ? 'error' : 'debug',
      write: (line) => process.stderr.write(line),
    }),
  };
}

/** `busybox`, of the machine's own static one, with a few users. */
export async function importBusybox(engine: Pick<Engine, 'images'>, root: string): Promise<void> {
  const tree = join(root, 'busybox');
  for (const folder of ['bin', 'etc', 'tmp', 'data', 'home/web'])
    mkdirSync(join(tree, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(tree, 'bin/busybox'));
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(tree, 'bin', applet));
  writeFileSync(
    join(tree, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nweb:x:100:101::/home/web:/bin/sh\n',
  );
  writeFileSync(join(tree, 'etc/group'), 'root:x:0:\nwheel:x:10:root\nweb:x:101:\nextra:x:200:web\n');
  writeFileSync(join(tree, 'data/file'), 'from the image\n');
  chownSync(join(tree, 'home/web'), 100, 101);
  chmodSync(join(tree, 'home/web'), 0o750);
  const tar = join(root, 'busybox.tar');
  execFileSync('tar', ['-C', tree, '-cf', tar, '.']);
  const { createReadStream } = await import('node:fs');
  for await (const _ of engine.images.import({
    tar: createReadStream(tar),
    name: 'busybox',
    changes: ['CMD ["sh"]'],
  }));
  rmSync(tree, { recursive: true });
  rmSync(tar);
}

export interface Ran {
  readonly id: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Creates, attaches, starts and waits, as `docker run` does. The container stays. */
export async function run(
  engine: Engine,
  config: ContainerConfig,
  host: HostConfig = {},
  input?: string,
): Promise<Ran> {
  const { life, streams } = engine.containers;
  const stdin = input === undefined ? {} : { OpenStdin: true, StdinOnce: true, AttachStdin: true };
  const { Id: id } = await life.create({
    config: { Image: 'busybox', ...stdin, ...config, HostConfig: host },
  });
  const attached = await streams.attach(id, {
    stream: true,
    stdin: input !== undefined,
    stdout: true,
    stderr: true,
  });
  const waiting = life.wait(id, 'next-exit');
  const output = collect(attached.stream, attached.tty);
  if (input !== undefined) attached.stream.end(input);
  await life.start(id);
  const { StatusCode: exitCode } = await waiting;
  return { id, exitCode, ...(await output) };
}

/** Both streams of an attachment or log, taken out of Docker's frames. */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
  tty: boolean,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (tty) return { stdout: bytes.toString(), stderr: '' };
  const texts: [string, string] = ['', ''];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    const index = bytes[at] === 2 ? 1 : 0;
    texts[index] += bytes.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
  }
  return { stdout: texts[0], stderr: texts[1] };
}

/** Resolves once a container has printed a text: its program is under way. */
export async function untilPrinted(engine: Engine, reference: string, text: string): Promise<void> {
  const { stream } = await engine.containers.streams.logs(reference, { stdout: true, follow: true });
  let seen = '';
  for await (const bytes of stream) {
    seen += Buffer.from(bytes).toString();
    if (seen.includes(text)) return;
  }
}
