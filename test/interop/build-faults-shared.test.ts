import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import {
  assertNothingLeft,
  type BegunBuild,
  BuildBench,
  type Builder,
  heldAtRest,
} from '../fixtures/build-bench.ts';
import { until } from '../fixtures/docker-client.ts';
import { importBusybox, installed, startHoistd, type TestEngine } from '../fixtures/engines.ts';

/** Builds beside one another: what they share runs once, and one that ends early takes nothing from the other. */
const skip = installed('docker') && process.getuid?.() === 0 ? false : 'needs root and docker';
let engine: TestEngine;
let bench: BuildBench;
before(async () => {
  if (skip !== false) return;
  engine = await startHoistd();
  importBusybox(engine);
  bench = new BuildBench(engine);
});
after(async () => {
  assert.doesNotMatch(engine?.log() ?? '', /Defect in this program/);
  bench?.[Symbol.dispose]();
  await engine?.[Symbol.asyncDispose]();
});

const cache = (id: string) => `RUN --mount=type=cache,target=/c,id=${id}`;
/** A step waits no longer than this, whatever happens. */
const waitFor = (file: string) =>
  `i=0; while [ ! -e ${file} ]; do i=$((i+1)); [ $i -lt 400 ] || exit 1; sleep 0.05; done`;

/** A step that writes down each run of it, says so, and ends when it is let go. */
const slowStep = (id: string) =>
  `${cache(id)} echo run >> /c/runs; echo I am up; ${waitFor('/c/go')}; cat /proc/sys/kernel/random/uuid > /id\n`;

const isUp = ({ printed }: BegunBuild) => /^(#\d+ \d+\.\d+ )?I am up\r?$/m.test(printed());

function letGo(id: string): void {
  const { code, err } = bench.build(
    'hoist',
    '--no-cache',
    bench.context(`go-${id}`, { Dockerfile: `FROM busybox\n${cache(id)} touch /c/go\n` }),
  );
  assert.equal(code, 0, err);
}

/** What a cache mount has in its file `runs`, by a build that prints it. */
function runsOf(id: string): number {
  const dockerfile = `FROM busybox\n${cache(id)} echo "runs: $(wc -l < /c/runs)"\n`;
  const { out, err } = bench.build(
    'hoist',
    '--no-cache',
    bench.context(`runs-${id}`, { Dockerfile: dockerfile }),
  );
  return Number(/^#\d+ \d+\.\d+ runs: (\d+)$/m.exec(out + err)?.[1]);
}

/** Two builds that need the same step, which runs now. */
async function beginBoth(
  id: string,
  builders: readonly [Builder, Builder],
): Promise<[BegunBuild, BegunBuild]> {
  const directory = (name: string) =>
    bench.context(`${name}-${id}`, { Dockerfile: `FROM busybox\n${slowStep(id)}RUN echo ${name}\n` });
  const first = bench.begin(builders[0], '-t', `first-${id}`, directory('first'));
  await until('the step', () => isUp(first));
  const second = bench.begin(builders[1], '-t', `second-${id}`, directory('second'));
  await until('what the step said before', () => isUp(second));
  return [first, second];
}

const idIn = (image: string) => bench.run('hoist', 'run', '--rm', image, 'cat', '/id').out;

const pairs: readonly (readonly [Builder, Builder])[] = [
  ['hoist', 'hoist'],
  ['hoist', 'docker'],
];
for (const builders of pairs) {
  test(`a step of two builds runs once: ${builders.join(' and ')}`, { skip }, async () => {
    const id = `once-${builders.join('-')}`;
    const both = await beginBoth(id, builders);
    letGo(id);
    for (const { ended } of both) {
      const { code, err } = await ended;
      assert.equal(code, 0, err);
    }
    assert.equal(runsOf(id), 1);
    assert.match(idIn(`first-${id}`), /^[0-9a-f-]{36}\n$/);
    assert.equal(idIn(`first-${id}`), idIn(`second-${id}`));
  });
}

const cancels: readonly { readonly name: string; readonly goes: 0 | 1; readonly signal: NodeJS.Signals }[] = [
  { name: 'the one that began it is cancelled', goes: 0, signal: 'SIGINT' },
  { name: 'the one that began it is killed', goes: 0, signal: 'SIGKILL' },
  { name: 'the one that joined is cancelled', goes: 1, signal: 'SIGINT' },
];
for (const [at, { name, goes, signal }] of cancels.entries()) {
  test(`a step of two builds, ${name}: the other goes on`, { skip }, async () => {
    const id = `cancel-${at}`;
    const cancelled = () => bench.run('hoist', 'build', 'history', 'ls').out.split('Canceled').length - 1;
    const earlier = cancelled();
    const both = await beginBoth(id, ['hoist', 'hoist']);
    both[goes].child.kill(signal);
    await both[goes].ended;
    await until('the end on record', () => cancelled() > earlier);
    letGo(id);
    const stays = await both[1 - goes]!.ended;
    assert.equal(stays.code, 0, stays.err);
    assert.equal(runsOf(id), 1);
  });
}

test('a step of two builds that both are cancelled ends', { skip }, async () => {
  const dockerfile = 'FROM busybox\nRUN echo I am up; sleep 54321\n';
  const directory = bench.context('neither', { Dockerfile: dockerfile });
  const earlier = await heldAtRest(engine);
  const both = [bench.begin('hoist', directory), bench.begin('hoist', directory)];
  for (const build of both) await until('the step', () => isUp(build));
  for (const { child } of both) child.kill('SIGINT');
  for (const { ended } of both) assert.equal((await ended).code, 130);
  await assertNothingLeft(engine, earlier);
});

test('stages that nothing needs are not built, and those that do not need one another run at once', {
  skip,
}, () => {
  const meet = (own: string, other: string) =>
    `${cache('meet')} touch /c/${own}; ${waitFor(`/c/${other}`)}; echo ${own} > /${own}\n`;
  const dockerfile = [
    'FROM nosuch.invalid/image AS never\nRUN exit 1\n',
    'FROM busybox AS fails\nRUN exit 1\n',
    `FROM busybox AS a\n${meet('a', 'b')}`,
    `FROM busybox AS b\n${meet('b', 'a')}`,
    'FROM busybox\nCOPY --from=a /a /\nCOPY --from=b /b /\nRUN cat /a /b\n',
  ].join('');
  const { code, err } = bench.build('hoist', bench.context('stages', { Dockerfile: dockerfile }));
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /never|fails/);
});
