import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { buildCrashPoints } from '#build/crash-points.ts';
import {
  assertNothingLeft,
  BuildBench,
  type Builder,
  heldAtRest,
  heldByBuilds,
} from '../fixtures/build-bench.ts';
import { until } from '../fixtures/docker-client.ts';
import type { EngineState } from '../fixtures/engine-state.ts';
import { importBusybox, installed, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { startRelay } from '../fixtures/halting-relay.ts';
import { type StallingRegistry, startStallingRegistry } from '../fixtures/stalling-registry.ts';

/** Builds whose client or daemon goes away in the middle. */
const skip = installed('docker') && process.getuid?.() === 0 ? false : 'needs root and docker';
let engine: TestEngine;
let bench: BuildBench;
let registry: StallingRegistry;
before(async () => {
  if (skip !== false) return;
  engine = await startHoistd();
  importBusybox(engine);
  bench = new BuildBench(engine);
  bench.imageOf('hoist', bench.context('warm', { Dockerfile: 'FROM busybox\nRUN echo warm > /warm\n' }));
  registry = await startStallingRegistry(engine);
});
after(async () => {
  assert.doesNotMatch(engine?.log() ?? '', /Defect in this program/);
  bench?.[Symbol.dispose]();
  await engine?.[Symbol.asyncDispose]();
});

/** Ends a client, and waits for it. @returns its exit code */
type Leave = (signal: NodeJS.Signals) => Promise<number | null>;

const listed = (path: string) => readdirSync(join(engine.directory, 'data', path)).length;

/** Brings a build to its middle: of a RUN, of a FROM, of a context's upload. */
const middles: Readonly<Record<string, (builder: Builder) => Promise<Leave>>> = {
  'a step': async (builder) => {
    const directory = bench.context('slow', {
      Dockerfile: 'FROM busybox\nRUN echo up $((40+2)); sleep 98761\n',
    });
    const begun = bench.begin(builder, directory);
    await until('the step', () => begun.printed().includes('up 42'));
    return async (signal) => {
      begun.child.kill(signal);
      const { code } = await begun.ended;
      await until('the end of its process', () => spawnSync('pgrep', ['-f', '^sleep 98761$']).status !== 0);
      return code;
    };
  },
  'a pull': async (builder) => {
    const dockerfile = `FROM 127.0.0.1:${registry.port}/app\nCOPY Dockerfile /\n`;
    const begun = bench.begin(builder, bench.context('from', { Dockerfile: dockerfile }));
    await until('a layer on its way', () => listed('erofs/ingest') > 0);
    return async (signal) => {
      begun.child.kill(signal);
      return (await begun.ended).code;
    };
  },
  'an upload': async (builder) => {
    const directory = bench.context(`sent-${builder}`, { Dockerfile: 'FROM busybox\nCOPY . /\n' });
    writeFileSync(join(directory, 'big'), Buffer.alloc(30 << 20, builder));
    const relay = await startRelay(engine, builder === 'hoist' ? /^PUT \S+\/files /m : /^POST \S+\/build\?/m);
    const begun = bench.over(relay.host).begin(builder, directory);
    await relay.halted;
    await until('a file on its way', () => listed(builder === 'hoist' ? 'build/packs' : 'build/spool') > 0);
    return async (signal) => {
      begun.child.kill(signal);
      const { code } = await begun.ended;
      relay.goOn();
      await relay[Symbol.asyncDispose]();
      return code;
    };
  },
};

const leavers: readonly (readonly [Builder, NodeJS.Signals, number | null])[] = [
  ['hoist', 'SIGKILL', null],
  ['hoist', 'SIGINT', 130],
  ['docker', 'SIGKILL', null],
  ['docker', 'SIGINT', 1],
];
for (const [name, reach] of Object.entries(middles)) {
  for (const [builder, signal, exitCode] of leavers) {
    test(`${builder} ends by ${signal} in the middle of ${name}: all of the build ends`, {
      skip,
    }, async () => {
      const earlier = await heldAtRest(engine);
      const leave = await reach(builder);
      const code = await leave(signal);
      if (builder === 'hoist') assert.equal(code, exitCode);
      await assertNothingLeft(engine, earlier);
      assert.ok(bench.imageOf('hoist', join(bench.folder, 'warm')));
    });
  }
}

for (const [name, reach] of Object.entries(middles)) {
  for (const builder of ['hoist', 'docker'] as const) {
    test(`the daemon is killed in the middle of ${name} for ${builder}: the next one undoes it`, {
      skip,
    }, async () => {
      const earlier = await heldAtRest(engine);
      const leave = await reach(builder);
      await engine.kill();
      await engine.restart({});
      await leave('SIGKILL');
      await assertNothingLeft(engine, earlier);
      assert.ok(bench.imageOf('hoist', join(bench.folder, 'warm')));
    });
  }
}

/** Steps that give the same whenever they are built. */
const lasting = {
  Dockerfile: 'FROM busybox\nCOPY a /a\nRUN cat /a > /b\nWORKDIR /w\nRUN echo last > c\nENV A=1\n',
  a: 'content\n',
};
/** Makes the next build begin anew: of builds only contents of contexts stay. */
function forget(): void {
  bench.run('docker', 'rmi', '-f', 'lasting');
  const ids = bench.run('docker', 'images', '-aq', '--no-trunc', '-f', 'dangling=true').out.split('\n');
  bench.run('docker', 'rmi', '-f', ...new Set(ids.filter(Boolean)));
  assert.equal(bench.run('hoist', 'build', 'prune', '-af').code, 0);
}

/** Rows without times, which differ from build to build, or are still to come. */
const timeless = ({ rows, ...others }: EngineState): EngineState => ({
  ...others,
  shims: [],
  rows: Object.fromEntries(
    Object.entries(rows).map(([table, all]) => [
      table,
      all
        .map((row) =>
          row.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then').replace('"tagged_at":null', '"tagged_at":"then"'),
        )
        .sort(),
    ]),
  ),
});

const crashes: readonly (readonly [point: string, builder: Builder])[] = [
  ['context.packWritten', 'hoist'],
  ['snapshot.ingest.written', 'docker'],
  ['build.run:started', 'hoist'],
  ['build.run:stored', 'docker'],
  ...buildCrashPoints.map((point) => [point, 'hoist'] as const),
  ['build:solved', 'docker'],
  ['image.layers-made', 'hoist'],
  ['image.recorded', 'hoist'],
];
interface Whole {
  readonly image: string;
  readonly state: EngineState;
}

/** What a build from nothing makes, and what is held then. */
async function whole(builder: Builder, directory: string): Promise<Whole> {
  forget();
  const image = bench.imageOf(builder, '-t', 'lasting', directory);
  return { image, state: timeless(await heldAtRest(engine)) };
}

test('the daemon is killed in the middle of a build: the next one has what it needs', { skip }, async (t) => {
  const directory = bench.context('lasting', lasting);
  const undisturbed = { hoist: await whole('hoist', directory), docker: await whole('docker', directory) };
  for (const [point, builder] of crashes) {
    await t.test(`${builder} at ${point}`, async () => {
      const { image, state } = undisturbed[builder];
      forget();
      await engine.restart({ HOIST_CRASH_AT: point });
      const cut = bench.build(builder, '-t', 'lasting', directory);
      assert.notEqual(cut.code, 0, cut.out + cut.err);
      assert.match(cut.err, /EOF|closed the connection|connection reset/);
      assert.doesNotMatch(engine.log(), /Defect in this program/);
      await engine.restart({});
      assertWithin(timeless(heldByBuilds(engine)), state);
      assert.equal(bench.imageOf(builder, '-t', 'lasting', directory), image);
      assert.deepEqual(timeless(await heldAtRest(engine)), state);
    });
  }
});

/** Nothing is held that a whole build would not hold. */
function assertWithin(state: EngineState, whole: EngineState): void {
  const isIn = (some: readonly string[], all: readonly string[]) =>
    assert.deepEqual(
      some.filter((each) => !all.includes(each)),
      [],
    );
  for (const what of ['mounts', 'links', 'groups', 'files'] as const) isIn(state[what], whole[what]);
  for (const [table, rows] of Object.entries(state.rows)) isIn(rows, whole.rows[table] ?? []);
}

test('a daemon that is killed after each step: every next one goes a step further', { skip }, async () => {
  const directory = bench.context('lasting', lasting);
  const image = bench.imageOf('hoist', '-t', 'lasting', directory);
  forget();
  await engine.restart({ HOIST_CRASH_AT: 'build.step:recorded' });
  const cached: number[] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    const { code, err } = bench.build('hoist', '-t', 'lasting', directory);
    cached.push(err.split(/ CACHED\n/).length - 1);
    if (code === 0) break;
    await engine.restart({ HOIST_CRASH_AT: 'build.step:recorded' });
  }
  assert.deepEqual(cached, [0, 1, 2, 3, 4]);
  await engine.restart({});
  assert.equal(bench.imageOf('hoist', '-t', 'lasting', directory), image);
});

test('the daemon is killed in the middle of a step: what it said is kept', { skip }, async () => {
  const dockerfile = 'FROM busybox\nRUN echo up $((40+2)); sleep 98762\n';
  const directory = bench.context('killed', { Dockerfile: dockerfile });
  const earlier = await heldAtRest(engine);
  const begun = bench.begin('hoist', directory);
  await until('the step', () => begun.printed().includes('up 42'));
  const logs = () => bench.run('hoist', 'build', 'history', 'logs');
  await until('what it said on record', () => logs().out.includes('up 42'));
  await engine.kill();
  const { code, err } = await begun.ended;
  assert.equal(code, 1);
  assert.match(err, /up 42\n[\s\S]*EOF\n$/);
  await engine.restart({});
  await assertNothingLeft(engine, earlier);
  assert.notEqual(spawnSync('pgrep', ['-f', '^sleep 98762$']).status, 0);
  assert.match(logs().out, /RUN echo up[^\n]*\n#\d+ ([\d.]+ )?up 42\n/);
  assert.match(bench.run('hoist', 'build', 'history', 'ls').out, /\n[0-9a-f]+ +\S+ +Error /);
});
