import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { globSync, lstatSync } from 'node:fs';
import { basename } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuildCache, BuildRequest } from '#api/index.ts';
import { type Builds, type CachePolicy, type CachePrune, openBuilds } from '#build/index.ts';
import { digestOf } from '#oci/digest.ts';
import { installed, slowness } from '../fixtures/engines.ts';
import { file, tar } from '../fixtures/tar.ts';
import { openStepBench, type StepBench } from './build-run-fixture.ts';

const skip =
  process.getuid?.() !== 0 ? 'needs root' : installed('busybox') ? false : 'busybox is not installed';

const minute = 60_000;
const hour = 60 * minute;
const piece = 300_000;

/** Builds on rooms of their own, with a policy, a clock and a free space that the test holds. */
interface Bench extends AsyncDisposable {
  readonly rooms: StepBench;
  readonly builds: Builds;
  readonly policy: { -readonly [K in keyof CachePolicy]: CachePolicy[K] };
  /** What of its size the cache does not have is free. */
  readonly disk: { size: number };
  pass(milliseconds: number): void;
}

async function openBench(): Promise<Bench> {
  const held = new AsyncDisposableStack();
  const rooms = held.use(await openStepBench());
  const policy = { reservedSpace: 0, maxUsedSpace: 0, minFreeSpace: 0, unusedSeconds: 0 };
  const disk = { size: 1e12 };
  let time = Date.now() - 24 * hour; // cache mounts have the machine's clock: they are the last used
  const builds: Builds = await openBuilds({
    ...{ ...rooms.rooms, images: rooms.images, policy },
    events: { publish: () => undefined },
    free: () => disk.size - used({ builds }),
    now: () => new Date(time),
  });
  held.defer(() => builds.close());
  const pass = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { rooms, builds, policy, disk, pass, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

const onBench = (use: (bench: Bench) => Promise<void>) => async (): Promise<void> => {
  await using bench = await openBench();
  await use(bench);
};

async function build(
  { builds }: Pick<Bench, 'builds'>,
  text: string,
  more: BuildRequest = {},
): Promise<void> {
  const request = {
    dockerfileText: text,
    network: 'none',
    outputs: [{ type: 'cacheonly' as const }],
    ...more,
  };
  for await (const event of builds.build(request))
    if (event.kind === 'finished')
      assert.deepEqual([event.outcome, event.error?.message], ['done', undefined]);
}

/** A stage whose one step makes bytes that cannot be compressed. */
const making = (name: string, bytes = piece): string =>
  `FROM busybox\nRUN head -c ${bytes} /dev/urandom > /${name}\n`;

/** Builds steps of one piece each, a minute apart. */
async function buildAll(bench: Bench, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await build(bench, making(name));
    bench.pass(minute);
  }
}

/** Sends a context of one file, as a difference, and is done with it. */
async function send({ builds }: Bench, name: string, bytes = piece): Promise<void> {
  const content = randomBytes(bytes);
  const { contexts } = builds;
  const { id = '' } = await contexts.offer({
    ...{ origin: name, at: Date.now() },
    files: [{ t: 'f', p: name, m: 0o644, s: bytes, k: '1.1.1' }],
  });
  await contexts.digests(id, { digests: { 0: digestOf(content) } });
  const { wanted } = await contexts.files(id, once(tar(file('0', content))));
  assert.deepEqual(wanted, []);
  await build({ builds }, `FROM scratch\nCOPY ${name} /\n`, { context: { kind: 'sent', id } });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Steps and mounts by the last word of what they are; contexts as `contexts`. */
const shown = ({ ID, Description }: BuildCache): string =>
  ID === 'contexts' ? ID : Description.split(/[ /]/).at(-1)!;

const held = ({ builds }: Bench): string[] => builds.usage().map(shown).sort();

/** What a collection leaves, once it has been. */
async function untilHeld(bench: Bench, ...names: readonly string[]): Promise<void> {
  const want = names.toSorted().join();
  for (let tries = 0; tries < 100 && held(bench).join() !== want; tries += 1) await sleep(30 * slowness);
  assert.equal(held(bench).join(), want);
}

/** Bytes of files under the data root, but for those of the database. */
function stored({ rooms }: Bench): number {
  const paths = globSync(`${rooms.root}/**/*`).filter((path) => !basename(path).startsWith('hoist.db'));
  return paths.reduce((sum, path) => {
    const { blocks, nlink } = lstatSync(path, { throwIfNoEntry: false }) ?? { blocks: 0, nlink: 1 };
    return sum + (blocks * 512) / nlink;
  }, 0);
}

/** Rows go first, bytes at once after them or in the background. */
async function untilStored(bench: Bench, most: number): Promise<void> {
  for (let tries = 0; tries < 100 && stored(bench) > most; tries += 1) await sleep(30 * slowness);
  assert.ok(stored(bench) <= most, `${stored(bench)} bytes, not ${most}`);
}

test(
  'the cap holds after a build that goes over it, and the disk has the space again',
  { skip },
  onBench(async (bench) => {
    const { policy } = bench;
    await buildAll(bench, 'one', 'two', 'three');
    const before = stored(bench);
    policy.maxUsedSpace = 2.5 * piece;
    await buildAll(bench, 'four');
    await untilHeld(bench, 'four', 'three');
    await untilStored(bench, before - piece / 2); // a layer came, two went
  }),
);

const keeping: CachePolicy = { reservedSpace: 0, maxUsedSpace: 0, minFreeSpace: 0, unusedSeconds: 0 };

/** Four steps, a minute apart, of somewhat more than a piece each; those that stay. */
const policies: readonly (readonly [
  name: string,
  policy: Partial<CachePolicy>,
  more: { readonly size?: number; readonly rest?: number },
  want: readonly string[],
])[] = [
  ['no policy keeps all', {}, {}, ['four', 'three', 'two', 'one']],
  ['the most that may be used', { maxUsedSpace: 3.5 * piece }, {}, ['four', 'three', 'two']],
  ['enough is free', { minFreeSpace: 1.5 * piece }, { size: 6 * piece }, ['four', 'three', 'two', 'one']],
  ['too little is free', { minFreeSpace: 1.5 * piece }, { size: 5 * piece }, ['four', 'three', 'two']],
  [
    'reserved, though little is free',
    { minFreeSpace: 1e12, reservedSpace: 3.1 * piece },
    { size: 5 * piece },
    ['four', 'three', 'two'],
  ],
  [
    'reserved, though more than may be used',
    { maxUsedSpace: piece, reservedSpace: 3.1 * piece },
    {},
    ['four', 'three', 'two'],
  ],
  ['what is old', { unusedSeconds: 90 }, {}, ['four', 'three']],
  ['all is old but the last', { unusedSeconds: 60 }, { rest: hour }, ['four']],
  [
    'reserved, though old',
    { unusedSeconds: 60, reservedSpace: 3.1 * piece },
    { rest: hour },
    ['four', 'three', 'two'],
  ],
];

test(
  'what a policy leaves',
  { skip },
  onBench(async (bench) => {
    for (const [name, policy, { size = 1e12, rest = 0 }, want] of policies) {
      Object.assign(bench.policy, keeping);
      bench.disk.size = 1e12;
      await bench.builds.prune({ all: true });
      await buildAll(bench, 'one', 'two', 'three');
      bench.pass(rest);
      Object.assign(bench.policy, policy);
      bench.disk.size = size;
      await build(bench, making('four'));
      await untilHeld(bench, ...want).catch((cause: unknown) => {
        throw new Error(name, { cause });
      });
    }
  }),
);

test(
  'steps, cache mounts and files of contexts are under one cap, the least recently used first',
  { skip },
  onBench(async (bench) => {
    const { policy } = bench;
    const mount = 'RUN --mount=type=cache,target=/mount head -c 300000 /dev/urandom > /mount/x\n';
    await send(bench, 'old');
    bench.pass(minute);
    await build(bench, making('step'));
    bench.pass(minute);
    await send(bench, 'new');
    bench.pass(minute);
    await untilSize(bench, 'contexts', 2 * piece);
    policy.maxUsedSpace = 5.5 * piece; // the steps that copied the files have as much as these
    await build(bench, `FROM busybox\n${mount}`);
    await untilSize(bench, 'contexts', piece);
    policy.maxUsedSpace = 2.5 * piece;
    await build(bench, 'FROM busybox\nRUN true\n');
    for (let tries = 0; tries < 100 && used(bench) > policy.maxUsedSpace; tries += 1)
      await sleep(30 * slowness);
    assert.ok(used(bench) <= policy.maxUsedSpace, `${used(bench)} bytes`);
  }),
);

const used = ({ builds }: Pick<Bench, 'builds'>): number =>
  builds.usage().reduce((sum, { Size }) => sum + Size, 0);

async function untilSize({ builds }: Bench, name: string, bytes: number): Promise<void> {
  const size = () => builds.usage().find((record) => shown(record) === name)?.Size ?? 0;
  const isNear = () => Math.abs(size() - bytes) < piece / 10;
  for (let tries = 0; tries < 100 && !isNear(); tries += 1) await sleep(30 * slowness);
  assert.ok(isNear(), `${name} has ${size()} bytes`);
}

test(
  'what a build under way has used is neither collected nor pruned',
  { skip },
  onBench(async (bench) => {
    const { builds, policy } = bench;
    await buildAll(bench, 'one', 'other');
    const id = 'abcdefabcdef';
    const running = build(bench, `${making('one')}RUN sleep 60 # waiting\n`, { id });
    const ended = assert.rejects(running, /canceled/);
    const inUse = () => builds.usage().flatMap((record) => (record.InUse ? [shown(record)] : []));
    for (let tries = 0; tries < 100 && inUse().length === 0; tries += 1) await sleep(30 * slowness);
    assert.deepEqual(inUse(), ['one']);
    policy.maxUsedSpace = 1;
    await build(bench, 'FROM scratch\n');
    await untilHeld(bench, 'one');
    assert.deepEqual(await builds.prune({ all: true }), { deleted: [], spaceReclaimed: 0 });
    policy.maxUsedSpace = 0;
    await buildAll(bench, 'again');
    builds.cancel(id);
    await ended;
    await builds.prune();
    await untilHeld(bench);
  }),
);

const prunes: readonly (readonly [name: string, options: CachePrune, want: readonly string[]])[] = [
  ['all', {}, []],
  ['down to what is reserved', { reservedSpace: 1.5 * piece }, ['three']],
  ['down to the most that may be used', { maxUsedSpace: 2.5 * piece }, ['three', 'two']],
  ['what is reserved counts first', { maxUsedSpace: 1, reservedSpace: 2.1 * piece }, ['three', 'two']],
  ['until so much is free', { minFreeSpace: 1.5 * piece }, ['three', 'two']],
  ['enough is free', { minFreeSpace: piece }, ['one', 'three', 'two']],
  ['what is older', { filters: { until: ['2m30s'] } }, ['three', 'two']],
  ['what is older, by its other name', { filters: { 'unused-for': ['90s'] } }, ['three']],
  ['of a type that there is not', { filters: { type: ['exec.cachemount'] } }, ['one', 'three', 'two']],
  ['by a word of its instruction', { filters: { 'description~': ['/two'] } }, ['one', 'three']],
];

test(
  'what a prune leaves',
  { skip },
  onBench(async (bench) => {
    for (const [name, options, want] of prunes) {
      bench.disk.size = 1e12;
      await bench.builds.prune({ all: true });
      await buildAll(bench, 'one', 'two', 'three');
      bench.disk.size = 4.2 * piece;
      const before = used(bench);
      const { deleted, spaceReclaimed } = await bench.builds.prune(options);
      assert.deepEqual(held(bench), want.toSorted(), name);
      assert.equal(deleted.length, 3 - want.length, name);
      assert.equal(spaceReclaimed, before - used(bench), name);
    }
  }),
);

test(
  'a prune gives back the disk: steps, mounts and contexts',
  { skip },
  onBench(async (bench) => {
    const begun = stored(bench);
    await send(bench, 'sent');
    await buildAll(bench, 'one');
    await build(bench, 'FROM busybox\nRUN --mount=type=cache,target=/m head -c 300000 /dev/urandom > /m/x\n');
    assert.ok(stored(bench) > begun + 3.9 * piece);
    await bench.builds.prune({ all: true });
    assert.deepEqual(held(bench), []);
    await untilStored(bench, begun + piece / 10);
  }),
);

test(
  'a step whose layer an image has stays in a prune but for --all, and gives nothing back',
  { skip },
  onBench(async (bench) => {
    const { builds } = bench;
    await build(bench, making('one'), { tags: ['kept'], outputs: [{ type: 'image' }] });
    assert.deepEqual(
      builds.usage().map(({ Shared }) => Shared),
      [true],
    );
    assert.deepEqual(await builds.prune(), { deleted: [], spaceReclaimed: 0 });
    const { deleted, spaceReclaimed } = await builds.prune({ all: true });
    assert.deepEqual([deleted.length, spaceReclaimed], [1, 0]);
    assert.ok(bench.rooms.images.get('kept'));
  }),
);

test(
  'files of contexts go by age too',
  { skip },
  onBench(async (bench) => {
    await send(bench, 'old');
    bench.pass(hour);
    bench.policy.unusedSeconds = 60;
    await buildAll(bench, 'new');
    await untilHeld(bench, 'new');
  }),
);

test(
  'layers that a step had before it was built anew go when the build ends',
  { skip },
  onBench(async (bench) => {
    await buildAll(bench, 'one');
    const once = stored(bench);
    for (let count = 0; count < 3; count += 1) await build(bench, making('one'), { noCache: true });
    await untilStored(bench, once + piece / 10);
    assert.deepEqual(held(bench), ['one']);
  }),
);
