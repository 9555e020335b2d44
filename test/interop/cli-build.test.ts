import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import type { BuildEvent } from '#api/build.ts';
import {
  importBusybox,
  installed,
  root,
  slowness,
  startHoistd,
  type TestEngine,
} from '../fixtures/engines.ts';

/** `hoist build` and its kin beside our daemon: the whole way from the command line to files and images. */
const skip = installed('docker') ? false : 'docker is not installed, which gives the daemon its image';
const folder = mkdtempSync(join(tmpdir(), 'cli-build-'));
let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startHoistd();
  importBusybox(engine);
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function context(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}

const environment = () => ({
  ...process.env,
  DOCKER_HOST: engine.host,
  DOCKER_CONFIG: folder,
  TERM: 'dumb',
  V: 'from-env',
});

function hoist(
  words: readonly string[],
  { input, cwd = folder }: { input?: string | Buffer; cwd?: string } = {},
) {
  const done = spawnSync(join(root, 'bin/hoist'), words, {
    cwd,
    env: environment(),
    timeout: 60_000 * slowness,
    ...(input !== undefined && { input }),
  });
  return { code: done.status, bytes: done.stdout, out: done.stdout.toString(), err: done.stderr.toString() };
}

/** The steps that a build told of as run, by their names. */
function events(words: readonly string[], cwd: string): readonly BuildEvent[] {
  const { code, err } = hoist(['build', '--progress', 'rawjson', ...words], { cwd });
  assert.equal(code, 0, err);
  return err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BuildEvent);
}

function reasons(told: readonly BuildEvent[]): readonly string[] {
  const names = new Map(
    told.flatMap((event) =>
      event.kind === 'graph' ? event.vertices.map(({ id, name }) => [id, name] as const) : [],
    ),
  );
  return told.flatMap((event) =>
    event.kind === 'end' && event.reason !== undefined ? [`${names.get(event.id)}: ${event.reason}`] : [],
  );
}

test('builds, finds all again, and says what changed', { skip }, () => {
  const dir = context('app', {
    Dockerfile: 'FROM busybox\nARG V\nCOPY src /src\nRUN cat /src/a > /made; echo "$V" >> /made\n',
    'src/a': 'one\n',
    'src/skipped.log': 'x',
    '.dockerignore': '**/*.log\n',
  });
  const first = hoist(['build', '-q', '-t', 'app', '--build-arg', 'V', dir]);
  assert.match(first.out, /^sha256:[0-9a-f]{64}\n$/, first.err);
  assert.equal(hoist(['run', '--rm', 'app', 'cat', '/made']).out, 'one\nfrom-env\n');
  assert.equal(hoist(['run', '--rm', 'app', 'ls', '/src']).out, 'a\n');
  assert.equal(hoist(['build', '-q', '-t', 'app', '--build-arg', 'V', '.'], { cwd: dir }).out, first.out);
  assert.deepEqual(reasons(events(['--build-arg', 'V', '.'], dir)), []);
  writeFileSync(join(dir, 'src/a'), 'two\n');
  const [copy = ''] = reasons(events(['-t', 'app', '--build-arg', 'V', '.'], dir));
  assert.match(copy, /COPY src \/src: .*src\/a changed/);
  assert.equal(hoist(['run', '--rm', 'app', 'cat', '/made']).out, 'two\nfrom-env\n');
});

test('a step that fails: its output, its line, exit code 1', { skip }, () => {
  const dir = context('failing', { Dockerfile: 'FROM busybox\nRUN echo before; exit 3\n' });
  const { code, out, err } = hoist(['build', '--progress=plain', dir]);
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(err, /#3 \d+\.\d{3} before\n/);
  assert.match(
    err,
    /------\n > \[2\/2\] RUN echo before; exit 3:\nbefore\n------\nDockerfile:2\n-{20}\n[\s\S]*>>> RUN[\s\S]*\nERROR: failed to solve: .*exit code: 3\n$/,
  );
});

test('from standard input: a Dockerfile, a tar, and a Dockerfile for a context', { skip }, () => {
  const made = hoist(['build', '-q', '-'], { input: 'FROM busybox\nRUN echo x > /x\n' });
  assert.match(made.out, /^sha256:/, made.err);
  const dir = context('packed', { 'sub/Dockerfile': 'FROM scratch\nCOPY a /\n', a: 'A' });
  for (const compression of ['', 'z']) {
    const tar = spawnSync('tar', [`c${compression}`, '-C', dir, '.']).stdout;
    const { bytes, err } = hoist(['build', '-q', '-f', 'sub/Dockerfile', '-o', '-', '-'], { input: tar });
    assert.equal(spawnSync('tar', ['xO', 'a'], { input: bytes }).stdout.toString(), 'A', err);
  }
  const given = hoist(['build', '-q', '-f', '-', '-o', 'type=tar,dest=o.tar', dir], {
    input: 'FROM scratch\nCOPY a /b\n',
  });
  assert.equal(given.code, 0, given.err);
  assert.equal(spawnSync('tar', ['xOf', join(folder, 'o.tar'), 'b']).stdout.toString(), 'A');
});

test('outputs, files of results, named contexts, secrets', { skip }, () => {
  const dir = context('rich', {
    Dockerfile:
      'FROM base AS made\nCOPY --from=other b /b\nRUN --mount=type=secret,id=s cp /run/secrets/s /c\nFROM scratch\nCOPY --from=made /b /c /\n',
  });
  context('other', { b: 'B' });
  writeFileSync(join(folder, 'secret'), Buffer.from([0, 255, 10]));
  const words = [
    '--build-context',
    `other=${join(folder, 'other')}`,
    '--build-context',
    'base=docker-image://busybox',
  ];
  const { code, err } = hoist(['build', ...words, '--secret', 'id=s,src=secret', '-o', 'out', dir]);
  assert.equal(code, 0, err);
  assert.equal(readFileSync(join(folder, 'out/b'), 'utf8'), 'B');
  assert.deepEqual([...readFileSync(join(folder, 'out/c'))], [0, 255, 10]);
  const built = hoist([
    'build',
    ...words,
    '--secret',
    'id=s,src=secret',
    '-t',
    'rich',
    '--iidfile',
    'iid',
    '--metadata-file',
    'meta',
    dir,
  ]);
  assert.equal(built.code, 0, built.err);
  const metadata = JSON.parse(readFileSync(join(folder, 'meta'), 'utf8')) as Record<string, string>;
  assert.equal(metadata['containerimage.config.digest'], readFileSync(join(folder, 'iid'), 'utf8'));
  assert.match(metadata['image.name'] ?? '', /rich/);
});

test('history, graph, cache', { skip }, () => {
  context('told', { Dockerfile: 'FROM busybox\nRUN echo told-once\n' });
  assert.equal(hoist(['build', '-t', 'told', 'told']).code, 0);
  assert.match(hoist(['build', 'history']).out, /^BUILD ID .*\n[0-9a-f]{12} +.*Completed/);
  const [id = ''] = hoist(['builder', 'history', 'ls', '-q']).out.split('\n');
  assert.match(hoist(['build', 'history', 'logs', id]).out, /RUN echo told-once\n#2 told-once\n/);
  assert.match(
    hoist(['build', 'history', 'inspect']).out,
    new RegExp(`^Build: +${id}\n[\\s\\S]*RUN echo told-once`),
  );
  assert.match(hoist(['build', 'graph', id]).out, /^<svg [\s\S]*RUN echo told-once[\s\S]*<\/svg>\n$/);
  assert.match(hoist(['build', 'du']).out, /RUN echo told-once[\s\S]*\nTotal: +\d/);
  assert.equal(hoist(['build', 'history', 'rm', id]).out, `${id}\n`);
  assert.match(hoist(['build', 'history', 'logs', id]).err, /no build found/);
  assert.match(hoist(['builder', 'prune', '-a', '-f']).out, /Total reclaimed space: /);
  // a directory of a command's name is given by its path
  context('history', { Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' });
  assert.match(hoist(['build', '-q', './history']).out, /^sha256:/);
});

test('Ctrl-C stops a build at once', { skip }, async () => {
  const dir = context('slow', { Dockerfile: 'FROM busybox\nRUN echo begun; sleep 300\n' });
  const child = spawn(join(root, 'bin/hoist'), ['build', '--progress=plain', dir], { env: environment() });
  let err = '';
  let interrupted = false;
  child.stderr.on('data', (bytes) => {
    err += bytes;
    if (interrupted || !err.includes(' begun\n')) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  const begun = Date.now();
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 130, err);
  assert.match(err, /ERROR: build canceled\n$/);
  assert.ok(Date.now() - begun < 30_000 * slowness);
  for (let tries = 0; tries < 100; tries++) {
    if (/Canceled/.test(hoist(['build', 'history', 'ls', '-n', '1']).out)) return;
  }
  assert.fail('the daemon still builds');
});

const mistakes: readonly (readonly [string[], RegExp])[] = [
  [['build'], /'hoist build' requires 1 argument\n\nUsage: {2}hoist build \[OPTIONS\] PATH \| URL \| -/],
  [['build', 'nowhere'], /^unable to prepare context: path "nowhere" not found\n$/],
  [['build', '-f', 'none', '.'], /failed to read dockerfile: open none: no such file or directory/],
  [['build', '-f', '-', '-'], /can't use stdin for both build context and dockerfile/],
  [['build', '--progress', 'loud', '.'], /invalid progress mode loud/],
];
for (const [words, message] of mistakes) {
  test(`refuses: ${words.join(' ')}`, { skip }, () => {
    const { code, err } = hoist(words, { input: '' });
    assert.equal(code, 1);
    assert.match(err, message);
  });
}

test('checks, outlines and targets', { skip }, () => {
  const dir = context('checked', { Dockerfile: 'FROM busybox as one\nARG A=1\nFROM one AS two\n' });
  const checked = hoist(['build', '--check', dir]);
  assert.equal(checked.code, 1);
  assert.match(checked.out, /FromAsCasing/);
  assert.match(hoist(['build', '--call=targets', dir]).out, /^TARGET[\s\S]*\none[\s\S]*\ntwo \(default\)/);
  const outline = JSON.parse(hoist(['build', '--call=outline,format=json', '--target', 'one', dir]).out);
  assert.equal(outline.args[0].name, 'A');
});
