import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { readTar } from '#archive/read-tar.ts';
import {
  importBusybox,
  installed,
  root,
  startDockerd,
  startHoistd,
  type TestEngine,
} from '../fixtures/engines.ts';
import { buildDifferences } from './build-differences.ts';
import { type BuildCase, builds } from './builds.ts';

const oldClient = '/usr/bin/docker';
const missing = ['docker', 'dockerd', oldClient].find(
  (program) => !installed(program) && program !== oldClient,
);
const skip = missing === undefined ? false : `${missing} is not installed`;

let engines: { hoistd: TestEngine; dockerd: TestEngine } | undefined;

before(async () => {
  if (skip !== false) return;
  engines = { hoistd: await startHoistd(), dockerd: await startDockerd() };
  for (const engine of Object.values(engines)) importBusybox(engine);
});

after(async () => {
  await engines?.hoistd[Symbol.asyncDispose]();
  await engines?.dockerd[Symbol.asyncDispose]();
});

/** How a builder of one engine is reached. */
interface Way {
  readonly program: string;
  readonly engine: TestEngine;
  readonly env: Readonly<Record<string, string>>;
}

/** What came out of a build. */
interface Outcome {
  readonly failed: boolean;
  readonly files: readonly string[];
  readonly config: unknown;
  readonly history: readonly string[];
}

for (const one of builds)
  for (const peer of ['classic', 'buildKit'] as const) {
    if (one.peer !== undefined && one.peer !== peer) continue;
    const name = `${one.name} (${peer})`;
    test(`builds the same: ${name}`, { skip }, async () => {
      if (engines === undefined) throw new Error('The daemons did not start');
      const [ours, theirs] =
        peer === 'classic'
          ? [way('docker', engines.hoistd, '0'), way('docker', engines.dockerd, '0')]
          : [way(join(root, 'dist/hoist'), engines.hoistd, '1'), way(oldClient, engines.dockerd, '1')];
      using folder = contextOf(one);
      const mine = await build(ours, one, folder.path);
      const other = await build(theirs, one, folder.path);
      assert.equal(
        other.failed,
        one.fails === true,
        'the reference itself fails otherwise than the case says',
      );
      const differing = Object.keys(mine).filter(
        (part) =>
          JSON.stringify(mine[part as keyof Outcome]) !== JSON.stringify(other[part as keyof Outcome]),
      );
      const listed = buildDifferences[name] ?? buildDifferences[one.name];
      if (listed === undefined) assert.deepEqual(mine, other);
      else
        assert.deepEqual(
          differing,
          listed.parts,
          `listed as different in ${listed.parts.join()}: ${listed.why}`,
        );
    });
  }

test('every listed difference is a build', () => {
  const names = new Set(builds.flatMap(({ name }) => [name, `${name} (classic)`, `${name} (buildKit)`]));
  assert.deepEqual(
    Object.keys(buildDifferences).filter((name) => !names.has(name)),
    [],
  );
});

const way = (program: string, engine: TestEngine, buildKit: string): Way => ({
  program,
  engine,
  env: { ...(process.env as Record<string, string>), DOCKER_HOST: engine.host, DOCKER_BUILDKIT: buildKit },
});

/** The context in a folder of its own. */
function contextOf(one: BuildCase): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'builds-'));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  write('Dockerfile', one.dockerfile);
  for (const [name, file] of Object.entries(one.files ?? {})) {
    if (typeof file === 'string') write(name, file);
    else if (file.link !== undefined) symlinkSync(file.link, join(path, name));
    else if (file.shell !== undefined) spawnSync('sh', ['-c', file.shell], { cwd: path });
    else write(name, file.content ?? '');
    if (typeof file === 'object' && file.mode !== undefined) chmodSync(join(path, name), file.mode);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

async function build(way: Way, one: BuildCase, cwd: string): Promise<Outcome> {
  const tag = `built-${createHash('sha256').update(one.name).digest('hex').slice(0, 8)}`;
  const args = ['--kill-after=2', '120', way.program, 'build', '-t', tag, ...(one.arguments ?? []), '.'];
  const built = spawnSync('timeout', args, { cwd, env: way.env, encoding: 'utf8' });
  if (built.status !== 0) {
    if (one.fails !== true)
      console.error(`${way.engine.name}: ${built.stdout.slice(-600)}${built.stderr.slice(-600)}`);
    return { failed: true, files: [], config: undefined, history: [] };
  }
  const [image] = JSON.parse(docker(way, 'image', 'inspect', tag)) as { Config: Record<string, unknown> }[];
  const history = docker(way, 'history', '--no-trunc', '--format', '{{.CreatedBy}}', tag);
  return {
    failed: false,
    files: await filesOf(way, tag),
    config: shownConfig(image!.Config),
    history: history.trim().split('\n').map(normalised),
  };
}

function docker({ engine, env }: Way, ...args: readonly string[]): string {
  const done = spawnSync('docker', ['-H', engine.host, ...args], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

/** Digests of what classic COPYs name are not the same function of the files. */
const normalised = (line: string): string => line.replace(/(file|dir|multi):[0-9a-f]{64}/g, '$1:…').trimEnd();

/** What an image says, without what only dockerd 20.10's API writes as empty. */
function shownConfig(config: Record<string, unknown>): unknown {
  const kept = [
    'Env',
    'Cmd',
    'Entrypoint',
    'WorkingDir',
    'User',
    'ExposedPorts',
    'Volumes',
    'Labels',
    'StopSignal',
    'Shell',
    'Healthcheck',
    'OnBuild',
  ];
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = config[name];
      const isEmpty =
        value === null ||
        value === undefined ||
        value === '' ||
        (typeof value === 'object' && Object.keys(value).length === 0);
      return isEmpty ? [] : [[name, value]];
    }),
  );
}

/** Every file of an image: type, mode, owner, link, content, xattrs. */
async function filesOf(way: Way, tag: string): Promise<readonly string[]> {
  const id = docker(way, 'create', tag, 'x').trim();
  const exported = spawnSync('docker', ['-H', way.engine.host, 'export', id], { maxBuffer: 1 << 28 });
  docker(way, 'rm', id);
  const lines: string[] = [];
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield exported.stdout;
  }
  for await (const { entry, body } of readTar(bytes())) {
    const hash = createHash('sha256');
    for await (const chunk of body) hash.update(chunk);
    const name = entry.name.replace(/^\.?\//, '').replace(/\/$/, '');
    if (name === '' || madeByCreate.has(name)) continue;
    const content = entry.type === 'file' ? hash.digest('hex').slice(0, 12) : entry.linkName;
    const xattrs = [...entry.xattrs].map(([key, value]) => `${key}=${value.toString('hex')}`).join();
    const { type, mode, uid, gid, major, minor } = entry;
    lines.push(`${name} ${type} ${mode.toString(8)} ${uid}:${gid} ${major},${minor} ${content} ${xattrs}`);
  }
  return lines.sort();
}

/** Files that creating a container makes, not a build. */
const madeByCreate = new Set([
  '.dockerenv',
  'dev',
  'dev/console',
  'dev/pts',
  'dev/shm',
  'etc',
  'etc/hostname',
  'etc/hosts',
  'etc/mtab',
  'etc/resolv.conf',
  'proc',
  'sys',
]);
