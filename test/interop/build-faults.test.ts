import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { assertNothingLeft, BuildBench, heldAtRest } from '../fixtures/build-bench.ts';
import { until } from '../fixtures/docker-client.ts';
import {
  type EngineOptions,
  importBusybox,
  installed,
  startHoistd,
  type TestEngine,
} from '../fixtures/engines.ts';
import { startStallingRegistry } from '../fixtures/stalling-registry.ts';

/** Steps and pulls that fail in a build: what is told, that nothing stays, and that the next build works. */
const skip = installed('docker') && process.getuid?.() === 0 ? false : 'needs root and docker';

interface Opened extends AsyncDisposable {
  readonly engine: TestEngine;
  readonly bench: BuildBench;
}

/** An engine with busybox on which something was built. */
async function open(options: EngineOptions = {}): Promise<Opened> {
  const engine = await startHoistd(options);
  importBusybox(engine);
  const bench = new BuildBench(engine);
  const warm = bench.context('warm', { Dockerfile: 'FROM busybox\nRUN echo warm > /warm\n' });
  utimesSync(join(warm, 'Dockerfile'), 1, 1); // so long unchanged that it is not looked at again
  bench.imageOf('hoist', warm);
  return {
    engine,
    bench,
    [Symbol.asyncDispose]: async () => {
      bench[Symbol.dispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

let opened: Opened;
before(async () => {
  if (skip === false) opened = await open();
});
after(async () => {
  await opened?.[Symbol.asyncDispose]();
});

/** A Dockerfile whose build fails, and what is told of it. */
interface Failing {
  readonly name: string;
  readonly dockerfile: string;
  readonly flags?: readonly string[];
  readonly hoist: RegExp;
  readonly docker: RegExp;
  /** Of `docker build`, which ends with the step's own. */
  readonly exitCode: number;
}

const failing: readonly Failing[] = [
  {
    name: 'ends with a code of its own',
    dockerfile: 'FROM busybox\nRUN echo said; echo complained >&2; exit 7\n',
    hoist:
      /------\n > \[2\/2\] RUN [^\n]*:\nsaid\ncomplained\n------\nDockerfile:2\n[\s\S]*>>> RUN echo[\s\S]*did not complete successfully: exit code: 7\n$/,
    docker: /said\n[\s\S]*complained\n[\s\S]*exit 7' returned a non-zero code: 7\n$/,
    exitCode: 7,
  },
  {
    name: 'wants more memory than it may have',
    dockerfile: 'FROM busybox\nRUN echo said; head -c 200m /dev/zero | tail > /dev/null\n',
    flags: ['--memory', '16m', '--memory-swap', '16m'],
    hoist: /:\nsaid\n(Killed\n)?------\nDockerfile:2\n[\s\S]*exit code: 137 \(out of memory\)\n$/,
    docker: /said\n[\s\S]*returned a non-zero code: 137 \(out of memory\)\n$/,
    exitCode: 137,
  },
  {
    name: 'is no program',
    dockerfile: 'FROM busybox\nRUN ["nosuch"]\n',
    hoist: /Dockerfile:2\n[\s\S]*exec: "nosuch": executable file not found in \$PATH[^\n]*\n$/,
    docker: /exec: "nosuch": executable file not found in \$PATH[^\n]*\n$/,
    exitCode: 1,
  },
  {
    name: 'fails beside another, which is ended',
    dockerfile:
      'FROM busybox AS long\nRUN sleep 54321\nFROM busybox AS short\nRUN echo said; exit 8\nFROM busybox\nCOPY --from=long / /\nCOPY --from=short / /\n',
    hoist: /RUN echo said; exit 8:\nsaid\n------\nDockerfile:4\n[\s\S]*exit code: 8\n$/,
    docker: /said\n[\s\S]*returned a non-zero code: 8\n$/,
    exitCode: 8,
  },
];

for (const { name, dockerfile, flags = [], exitCode, ...says } of failing) {
  test(`a step ${name}`, { skip }, async () => {
    const { engine, bench } = opened;
    const directory = bench.context('failing', { Dockerfile: dockerfile });
    const earlier = await heldAtRest(engine);
    for (const builder of ['hoist', 'docker'] as const) {
      const { code, out, err } = bench.build(builder, ...flags, directory);
      assert.match(out + err, says[builder]);
      assert.equal(code, builder === 'hoist' ? 1 : exitCode);
      await assertNothingLeft(engine, earlier);
    }
  });
}

test('the steps before one that fails are used again', { skip }, () => {
  const { bench } = opened;
  const first = 'FROM busybox\nRUN cat /proc/sys/kernel/random/uuid > /id\n';
  const failed = bench.build('hoist', bench.context('mended', { Dockerfile: `${first}RUN exit 1\n` }));
  assert.equal(failed.code, 1);
  const mended = bench.build('hoist', bench.context('mended', { Dockerfile: `${first}RUN exit 0\n` }));
  assert.equal(mended.code, 0, mended.err);
  assert.match(mended.err, /\[2\/3\] RUN cat [^\n]*\n#\d+ CACHED\n/);
});

test('the disk is full: it is said, the cache stays right, and room is enough', { skip }, async () => {
  const mountPoint = mkdtempSync(join(tmpdir(), 'full-'));
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', mountPoint]);
  assert.equal(made.status, 0);
  try {
    const directory = join(mountPoint, 'hoistd-full');
    mkdirSync(directory);
    await using small = await open({ directory });
    await fillTheDisk(small, mountPoint);
  } finally {
    spawnSync('umount', [mountPoint]);
    rmSync(mountPoint, { recursive: true, force: true });
  }
});

async function fillTheDisk({ engine, bench }: Opened, mountPoint: string): Promise<void> {
  const warm = join(bench.folder, 'warm');
  const image = bench.imageOf('hoist', warm);
  const earlier = await heldAtRest(engine);
  const dockerfile = 'FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=100\n';
  const sent = bench.context('sent', { Dockerfile: 'FROM busybox\nCOPY . /\n' });
  writeFileSync(join(sent, 'big'), Buffer.alloc(60 << 20, 1));
  for (const builder of ['hoist', 'docker'] as const) {
    const inside = bench.build(builder, bench.context('inside', { Dockerfile: dockerfile }));
    assert.equal(inside.code, 1);
    assert.match(inside.out + inside.err, /dd: error writing '\/big': No space left on device/);
    const layer = dockerfile.replace('count=100', 'count=30; echo written');
    const stored = bench.build(builder, bench.context('stored', { Dockerfile: layer }));
    assert.equal(stored.code, 1);
    assert.match(
      stored.out + stored.err,
      /\bwritten\n[\s\S]*Cannot store the layer of the step: no space left/,
    );
    const context = bench.build(builder, sent);
    assert.equal(context.code, 1);
    assert.match(context.out + context.err, /no space left on device/i);
    await assertNothingLeft(engine, earlier);
  }
  // not a byte left, neither for records nor for the daemon's log
  const rest = spawnSync('dd', ['if=/dev/zero', `of=${mountPoint}/rest`, 'bs=4k'], { encoding: 'utf8' });
  assert.match(rest.stderr, /No space left on device/);
  for (const builder of ['hoist', 'docker', 'docker', 'hoist'] as const) {
    for (const directory of [warm, bench.context('new', { Dockerfile: 'FROM busybox\nRUN echo x > /x\n' })]) {
      const { code, out, err } = bench.build(builder, directory);
      assert.match(out + err, /no space left on device|disk is full/i);
      assert.equal(code, 1);
    }
  }
  rmSync(join(mountPoint, 'rest'));
  await assertNothingLeft(engine, earlier);
  assert.equal(bench.imageOf('hoist', warm), image);
  const next = bench.context('next', { Dockerfile: 'FROM busybox\nRUN echo x > /x; cat /x\n' });
  assert.match(bench.build('hoist', next).err, /\d x\n[\s\S]*writing image/);
}

test('the registry goes away in the middle of FROM, and comes back', { skip }, async () => {
  const { engine, bench } = opened;
  const registry = await startStallingRegistry(engine);
  const dockerfile = `FROM 127.0.0.1:${registry.port}/app\nCOPY Dockerfile /\n`;
  const directory = bench.context('from', { Dockerfile: dockerfile });
  const earlier = await heldAtRest(engine);
  const ours = bench.begin('hoist', directory);
  await until(
    'a layer on its way',
    () => readdirSync(join(engine.directory, 'data/erofs/ingest')).length > 0,
  );
  const classic = bench.begin('docker', directory);
  await until('the same for the other', () => classic.printed().includes('Pulling fs layer'));
  await registry.goAway();
  const refused =
    /\/v2\/app\/blobs\/sha256:[0-9a-f]{64}": dial tcp 127\.0\.0\.1:\d+: connect: connection refused\n$/;
  for (const { ended } of [ours, classic]) {
    const { code, err } = await ended;
    assert.match(err, refused);
    assert.equal(code, 1);
  }
  assert.match((await ours.ended).err, /Dockerfile:1\n[\s\S]*>>> FROM 127/);
  await assertNothingLeft(engine, earlier);
  await registry.comeBack();
  const image = bench.imageOf('hoist', directory);
  assert.match(bench.run('docker', 'save', image).err, /^$/);
});
