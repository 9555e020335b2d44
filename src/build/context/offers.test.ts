import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { ContextAnswer, ContextFile } from '#api/build.ts';
import { silentLog } from '#base/log.ts';
import { digestOf } from '#oci/digest.ts';
import { Database } from '#state/database.ts';
import { type Paths, pathsOf } from '#state/paths.ts';
import { chunked, directory, file, symlink, tar } from '../../../test/fixtures/tar.ts';
import type { Context } from './context.ts';
import { type OpenContexts, openContexts } from './open-contexts.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const minute = 60_000;

/** A directory on a client's machine: files by name, each with its content and the time of its last change. */
type Directory = Map<string, { readonly content: string; readonly at: number }>;

/** Rounds that a transfer took: how many digests and how many files were asked for. */
interface Sent {
  readonly context: Context;
  readonly digests: number;
  readonly files: number;
}

class Machine implements AsyncDisposable {
  readonly paths: Paths;
  readonly database: Database;
  readonly opened: OpenContexts;
  readonly #clock: { time: number };

  private constructor(paths: Paths, database: Database, opened: OpenContexts, clock: { time: number }) {
    this.paths = paths;
    this.database = database;
    this.opened = opened;
    this.#clock = clock;
  }

  static async open(
    root: string,
    options: { readonly cap?: number; readonly time?: number } = {},
  ): Promise<Machine> {
    const paths = pathsOf({ dataRoot: root, runRoot: join(root, 'run') });
    const database = new Database(paths.database);
    const clock = { time: options.time ?? start };
    const now = () => new Date(clock.time);
    const cap = options.cap === undefined ? {} : { cap: options.cap };
    const opened = await openContexts({ database, paths, log: silentLog, now, ...cap });
    return new Machine(paths, database, opened, clock);
  }

  get time(): number {
    return this.#clock.time;
  }

  pass(milliseconds: number): void {
    this.#clock.time += milliseconds;
  }

  packs(): Promise<string[]> {
    return readdir(this.paths.buildFolder('packs'));
  }

  offer(files: Directory, origin = 'here'): Promise<ContextAnswer> {
    const rows = listing(files);
    return this.opened.contexts.offer({ origin, at: this.time, files: rows, listing: digestOfRows(rows) });
  }

  /** Offers a directory by the digest of its listing alone; undefined when the listing is wanted. */
  async byDigest(files: Directory, origin = 'here'): Promise<Context | undefined> {
    const { contexts, store } = this.opened;
    const answer = await contexts.offer({ origin, listing: digestOfRows(listing(files)) });
    assert.deepEqual(answer.wanted, []);
    return answer.id === '' ? undefined : store.open(answer.id);
  }

  /** The whole transfer. @param meanwhile what happens between the listing and the sending */
  async send(
    files: Directory,
    options: { readonly origin?: string; readonly meanwhile?: () => void } = {},
  ): Promise<Sent> {
    const names = [...files.keys()];
    const { contexts, store } = this.opened;
    let answer = await this.offer(files, options.origin);
    const asked = { digests: answer.wanted.length, files: 0 };
    const contentAt = (index: number) => files.get(names[index]!)!.content;
    if (answer.wanted.length > 0) {
      const digests = Object.fromEntries(answer.wanted.map((index) => [index, digestOf(contentAt(index))]));
      answer = await contexts.digests(answer.id, { digests });
    }
    options.meanwhile?.();
    while (answer.wanted.length > 0) {
      asked.files += answer.wanted.length;
      const members = answer.wanted.map((index) => file(String(index), contentAt(index)));
      answer = await contexts.files(answer.id, chunked(tar(...members), 1000));
    }
    return { ...asked, context: store.open(answer.id) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened.close();
    this.database[Symbol.dispose]();
  }
}

const listing = (files: Directory): ContextFile[] =>
  [...files].map(([p, { content, at }]) => ({
    t: 'f',
    p,
    m: 0o644,
    s: Buffer.byteLength(content),
    k: `${at}000000.${at}000000.${p.charCodeAt(0)}`,
  }));

const digestOfRows = (rows: readonly ContextFile[]) => digestOf(JSON.stringify(rows));

async function read(context: Context, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of context.open(path)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Every file of a context that has just these. */
async function holds(context: Context, files: Directory): Promise<void> {
  const found = new Map<string, string>();
  for (const name of context.list('')) {
    found.set(name, await read(context, name));
    assert.equal(await context.digestOf(name), digestOf(found.get(name)!));
  }
  const want = [...files].map(([name, { content }]) => [name, content] as const);
  assert.deepEqual([...found].sort(), want.sort());
}

const old = start - minute;
const directoryOf = (files: Readonly<Record<string, string>>, at = old): Directory =>
  new Map(Object.entries(files).map(([name, content]) => [name, { content, at }]));

const inFolder = async (use: (root: string) => Promise<void>): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'offers-'));
  try {
    await use(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

const onMachine = (use: (machine: Machine) => Promise<void>) => () =>
  inFolder(async (root) => {
    await using machine = await Machine.open(root);
    await use(machine);
  });

test(
  'a directory is sent once, and then only what changed',
  onMachine(async (machine) => {
    const files = directoryOf({ a: '1', b: '22', c: '', d: '22', e: 'x'.repeat(3_000_000) });
    const first = await machine.send(files);
    // `c` is empty; `b` and `d` are one content
    assert.deepEqual([first.digests, first.files], [4, 3]);
    await holds(first.context, files);
    await first.context[Symbol.asyncDispose]();

    machine.pass(minute);
    const again = await machine.send(files);
    assert.deepEqual([again.digests, again.files], [0, 0]);
    await holds(again.context, files);
    assert.equal(again.context.treeDigest(''), first.context.treeDigest(''));

    machine.pass(minute);
    files.set('b', { content: 'new', at: start + minute });
    files.set('f', { content: '1', at: start + minute }); // known from `a`
    const changed = await machine.send(files);
    assert.deepEqual([changed.digests, changed.files], [2, 1]);
    await holds(changed.context, files);

    files.delete('a');
    machine.pass(minute);
    assert.deepEqual((await machine.send(files)).digests, 0);
    // it was forgotten with the last listing, but its content is `f`'s too
    files.set('a', { content: '1', at: old });
    const back = await machine.send(files);
    assert.deepEqual([back.digests, back.files], [1, 0]);
  }),
);

test(
  'a listing that was sent before is known by its digest',
  onMachine(async (machine) => {
    const files = directoryOf({ a: '1', b: '22', c: '' });
    assert.equal(await machine.byDigest(files), undefined);
    const sent = await machine.send(files);
    for (const _ of [1, 2]) {
      const context = await machine.byDigest(files);
      assert.ok(context);
      assert.equal(context.received, 0);
      assert.equal(context.treeDigest(''), sent.context.treeDigest(''));
      await holds(context, files);
      await context[Symbol.asyncDispose]();
    }
    assert.equal(await machine.byDigest(files, 'there'), undefined);
    const changed = directoryOf({ a: '1', b: '23', c: '' }, old + 1);
    assert.equal(await machine.byDigest(changed), undefined);
    await machine.send(changed);
    assert.equal(await machine.byDigest(files), undefined);
    assert.ok(await machine.byDigest(changed));
    await assert.rejects(machine.opened.contexts.offer({ listing: 'sha256:ab' }), {
      kind: 'invalid',
      message: 'invalid checksum digest format: "sha256:ab"',
    });
  }),
);

test(
  'it is not where a file changed just before, nor once its contents are gone',
  onMachine(async (machine) => {
    const young = directoryOf({ a: 'one' }, machine.time - 1500);
    await (await machine.send(young)).context[Symbol.asyncDispose]();
    assert.equal(await machine.byDigest(young), undefined);
    machine.pass(minute);
    await (await machine.send(young)).context[Symbol.asyncDispose]();
    const held = await machine.byDigest(young);
    assert.ok(held);
    machine.pass(minute);
    await machine.opened.prune();
    await holds(held, young);
    await held[Symbol.asyncDispose]();
    machine.pass(minute);
    await machine.opened.prune();
    assert.equal(await machine.byDigest(young), undefined);
  }),
);

test(
  'another directory shares contents, not stamps',
  onMachine(async (machine) => {
    const files = directoryOf({ a: '1', b: '2' });
    await machine.send(files);
    const other = await machine.send(files, { origin: 'there' });
    assert.deepEqual([other.digests, other.files], [2, 0]);
  }),
);

test(
  'a file that changed just before it was listed is looked at again',
  onMachine(async (machine) => {
    const files = directoryOf({ a: 'one' });
    files.set('b', { content: 'one.', at: machine.time - 1500 });
    await machine.send(files);
    // changed within the granularity of times: the stamp is the same
    files.set('b', { content: 'two.', at: machine.time - 1500 });
    machine.pass(minute);
    const second = await machine.send(files);
    assert.deepEqual([second.digests, second.files], [1, 1]);
    await holds(second.context, files);
    // by now its time is old enough
    assert.equal((await machine.send(files)).digests, 0);
  }),
);

test(
  'a stamp that is none is never trusted',
  onMachine(async (machine) => {
    const offer = {
      origin: 'here',
      at: machine.time,
      files: [{ t: 'f', p: 'a', m: 0o644, s: 1, k: 'tuesday' }],
    };
    const { id } = await machine.opened.contexts.offer(offer);
    await machine.opened.contexts.digests(id, { digests: { 0: digestOf('1') } });
    await machine.opened.contexts.files(id, chunked(tar(file('0', '1'))));
    machine.pass(minute);
    assert.deepEqual((await machine.opened.contexts.offer(offer)).wanted, [0]);
  }),
);

test(
  'a file that changes while it is sent is what was sent, and is looked at again',
  onMachine(async (machine) => {
    const files = directoryOf({ a: 'one', b: 'one', c: 'one' });
    const meanwhile = () => void files.set('a', { content: 'longer', at: old });
    const sent = await machine.send(files, { meanwhile });
    await holds(sent.context, files);
    assert.equal(sent.files, 2); // `b`'s bytes were asked for when `a` turned out to be another
    assert.equal((await machine.send(files)).digests, 1);
  }),
);

test(
  'a digest that was not told is a file that is asked for',
  onMachine(async (machine) => {
    const { contexts } = machine.opened;
    const { id } = await machine.offer(directoryOf({ a: '1', b: '2' }));
    assert.deepEqual((await contexts.digests(id, {})).wanted, [0, 1]);
    assert.deepEqual((await contexts.files(id, chunked(tar(file('1', '2'))))).wanted, [0]);
    assert.throws(() => machine.opened.store.open(id), { kind: 'conflict' });
    assert.deepEqual((await contexts.files(id, chunked(tar(file('0', '1'))))).wanted, []);
    await holds(machine.opened.store.open(id), directoryOf({ a: '1', b: '2' }));
  }),
);

test(
  'types, modes, links and names that are not UTF-8',
  onMachine(async (machine) => {
    const { id } = await machine.opened.contexts.offer({
      origin: 'here',
      at: start,
      files: [
        { t: 'd', p: '', m: 0o700 },
        { t: 'd', p: 'd\xff', m: 0o1777 },
        { t: 'l', p: 'd\xff/l', m: 0o777, l: '../../\xfe' },
        { t: 'p', p: 'd\xff/p', m: 0o4600 },
        { t: 'f', p: 'd\xff/f', m: 0o104_755, s: 0 },
      ],
    });
    const context = machine.opened.store.open(id);
    const seen = ['', 'd\xff', 'd\xff/l', 'd\xff/p', 'd\xff/f'].map((path) => {
      const { type, mode, linkName } = context.find(path)!;
      return `${type} ${mode.toString(8)} ${linkName}`;
    });
    assert.deepEqual(seen, [
      'directory 700 ',
      'directory 1777 ',
      'symlink 777 ../../\xfe',
      'fifo 4600 ',
      'file 4755 ',
    ]);
  }),
);

const badListings: readonly (readonly [name: string, files: unknown, message: RegExp])[] = [
  ['no list', { length: 3 }, /needs a list/],
  ['null', [null], /file 0 .* is no object/],
  ['an unknown type', [{ t: 'c', p: 'a' }], /unknown type/],
  ['a type from Object', [{ t: 'constructor', p: 'a' }], /unknown type/],
  ['an absolute path', [{ t: 'f', p: '/etc/passwd' }], /invalid path "\/etc\/passwd"/],
  ['a path that leaves it', [{ t: 'f', p: 'a/../../b' }], /invalid path/],
  ['an empty component', [{ t: 'f', p: 'a//b' }], /invalid path/],
  ['a slash at the end', [{ t: 'd', p: 'a/' }], /invalid path/],
  ['a NUL', [{ t: 'f', p: 'a\0b' }], /invalid path/],
  ['characters that are no bytes', [{ t: 'f', p: 'ž' }], /invalid path/],
  ['a component too long', [{ t: 'f', p: 'a'.repeat(256) }], /invalid path/],
  ['a path too long', [{ t: 'f', p: 'a/'.repeat(3000) }], /invalid path/],
  ['a negative size', [{ t: 'f', p: 'a', s: -1 }], /invalid size/],
  ['a size that is no number', [{ t: 'f', p: 'a', s: '1' }], /invalid size/],
  ['a mode that is none', [{ t: 'f', p: 'a', m: 0.5 }], /invalid mode/],
  ['a stamp too long', [{ t: 'f', p: 'a', k: '1'.repeat(1000) }], /invalid stamp/],
  [
    'a file beneath a file',
    [
      { t: 'f', p: 'a' },
      { t: 'f', p: 'a/b' },
    ],
    /Cannot place "a\/b"/,
  ],
  [
    'a file beneath a link',
    [
      { t: 'l', p: 'a', l: '/etc' },
      { t: 'f', p: 'a/b' },
    ],
    /not a directory/,
  ],
  ['a file as the root', [{ t: 'f', p: '' }], /root is not a directory/],
];

for (const [name, files, message] of badListings)
  test(
    `refuses a listing with ${name}`,
    onMachine(async ({ opened }) => {
      const offer = { origin: 'here', files: files as ContextFile[] };
      await assert.rejects(opened.contexts.offer(offer), { kind: 'invalid', message });
    }),
  );

const badFiles: readonly (readonly [name: string, tar: Buffer, message: RegExp])[] = [
  ['a file that was not asked for', tar(file('7', 'x')), /"7" is no file that was asked for/],
  ['a path', tar(file('../a', 'x')), /"..\/a" is no file/],
  ['a link', tar(symlink('0', 'x')), /"0" is no file/],
  ['a directory', tar(directory('0/')), /is no file/],
  ['a file twice', tar(file('0', 'x'), file('0', 'y')), /sent twice/],
  ['a cut end', tar(file('0', 'x'.repeat(3_000_000))).subarray(0, 2_000_000), /unexpected EOF/],
];

for (const [name, bytes, message] of badFiles)
  test(
    `refuses files with ${name}, and keeps nothing`,
    onMachine(async (machine) => {
      const { id } = await machine.offer(directoryOf({ a: '1', b: '2' }));
      await machine.opened.contexts.digests(id, {});
      await assert.rejects(machine.opened.contexts.files(id, chunked(bytes, 65_536)), {
        kind: 'invalid',
        message,
      });
      assert.deepEqual(await machine.packs(), []);
      assert.deepEqual((await machine.opened.contexts.files(id, chunked(tar(file('0', '1'))))).wanted, [1]);
    }),
  );

test(
  'rounds out of order, digests that are none',
  onMachine(async (machine) => {
    const { contexts } = machine.opened;
    await assert.rejects(contexts.digests('nowhere', {}), { kind: 'notFound' });
    const whole = await machine.offer(new Map());
    await assert.rejects(contexts.digests(whole.id, {}), { kind: 'conflict' });
    await assert.rejects(contexts.files(whole.id, chunked(tar())), { kind: 'conflict' });
    const { id } = await machine.offer(directoryOf({ a: '1' }));
    for (const digest of ['md5:00', 'sha256:xx', `sha512:${'0'.repeat(128)}`])
      await assert.rejects(contexts.digests(id, { digests: { 0: digest } }), { kind: 'invalid' });
  }),
);

test('contents and listings are there after a restart; what was never recorded is not', () =>
  inFolder(async (root) => {
    const files = directoryOf({ a: '1', b: '2' });
    {
      await using machine = await Machine.open(root);
      await machine.send(files);
      await writeFile(machine.paths.buildFolder('packs', 'stray'), 'half');
      await writeFile(machine.paths.buildFolder('spool', 'stray'), 'half');
    }
    await using machine = await Machine.open(root, { time: start + minute });
    assert.equal((await machine.packs()).length, 1);
    assert.deepEqual(await readdir(machine.paths.buildFolder('spool')), []);
    const sent = await machine.send(files);
    assert.deepEqual([sent.digests, sent.files], [0, 0]);
    await holds(sent.context, files);
  }));

for (const damage of ['gone', 'cut'] as const)
  test(`a pack that is ${damage} at boot is asked for again`, () =>
    inFolder(async (root) => {
      const files = directoryOf({ a: '11', b: '22' });
      {
        await using machine = await Machine.open(root);
        await machine.send(files);
        const pack = machine.paths.buildFolder('packs', (await machine.packs())[0]!);
        await (damage === 'gone' ? rm(pack) : truncate(pack, 1));
      }
      await using machine = await Machine.open(root, { time: start + minute });
      assert.deepEqual(await machine.packs(), []);
      const sent = await machine.send(files);
      assert.deepEqual([sent.digests, sent.files], [2, 2]);
      await holds(sent.context, files);
    }));

test(
  'pruning drops all but what builds use',
  onMachine(async (machine) => {
    const kept = await machine.send(directoryOf({ a: 'kept' }), { origin: 'kept' });
    const dropped = await machine.send(directoryOf({ a: 'dropped' }), { origin: 'dropped' });
    await dropped.context[Symbol.asyncDispose]();
    machine.pass(minute);
    assert.equal(machine.opened.usage().pinned, 4);
    assert.deepEqual(await machine.opened.prune(), { spaceReclaimed: 7 });
    assert.equal(await read(kept.context, 'a'), 'kept');
    assert.equal((await machine.packs()).length, 1);
    machine.pass(minute);
    assert.equal((await machine.send(directoryOf({ a: 'dropped' }), { origin: 'dropped' })).files, 1);
    await kept.context[Symbol.asyncDispose]();
  }),
);

test(
  'the least recently used goes first, and being offered again is use',
  onMachine(async (machine) => {
    for (const name of ['one', 'two', 'six']) {
      await (await machine.send(directoryOf({ a: name }), { origin: name })).context[Symbol.asyncDispose]();
      machine.pass(minute);
    }
    await (await machine.send(directoryOf({ a: 'one' }), { origin: 'one' })).context[Symbol.asyncDispose]();
    machine.pass(minute);
    await machine.opened.prune({ keepBytes: 6 });
    const asked: Record<string, number> = {};
    for (const name of ['one', 'six', 'two']) {
      const { context, digests } = await machine.send(directoryOf({ a: name }), { origin: name });
      asked[name] = digests;
      await context[Symbol.asyncDispose]();
    }
    assert.deepEqual(asked, { one: 0, six: 0, two: 1 });
  }),
);

test(
  'a prune by age leaves what was used since',
  onMachine(async (machine) => {
    await (await machine.send(directoryOf({ a: 'old' }), { origin: 'o' })).context[Symbol.asyncDispose]();
    machine.pass(minute);
    await (await machine.send(directoryOf({ a: 'new' }), { origin: 'n' })).context[Symbol.asyncDispose]();
    machine.pass(minute);
    const before = new Date(start + 1000);
    assert.deepEqual(await machine.opened.prune({ before }), { spaceReclaimed: 3 });
    assert.equal(machine.opened.usage().files, 1);
  }),
);

test(
  'a pack that is mostly dead is rewritten while it is read',
  onMachine(async (machine) => {
    const big = 'x'.repeat(3_000_000);
    const files = directoryOf({ a: `a${big}`, b: `b${big}`, c: 'small', d: 'tiny' });
    await (await machine.send(files)).context[Symbol.asyncDispose]();
    machine.pass(minute);
    const rest = new Map([...files].filter(([name]) => name > 'a'));
    const { context } = await machine.send(rest);
    const reading = context.open('b')[Symbol.asyncIterator]();
    const first = await reading.next();
    const [before] = await machine.packs();
    machine.pass(minute);
    files.delete('b');
    await context[Symbol.asyncDispose](); // only the reader is left
    const { context: last } = await machine.send(new Map([...rest].filter(([name]) => name > 'b')));
    machine.pass(minute);
    await machine.opened.prune();
    const after = await machine.packs();
    assert.equal(after.length, 1);
    assert.notEqual(after[0], before);
    assert.equal(await read(last, 'c'), 'small');
    assert.equal(await read(last, 'd'), 'tiny');
    let length = (first.value as Uint8Array).length;
    for (let next = await reading.next(); next.done !== true; next = await reading.next())
      length += next.value.length;
    assert.equal(length, big.length + 1);
  }),
);

test('the cap holds after an upload', () =>
  inFolder(async (root) => {
    await using machine = await Machine.open(root, { cap: 2500 });
    for (let i = 0; i < 5; i++) {
      const { context } = await machine.send(directoryOf({ a: `${i}`.repeat(1000) }), { origin: `${i}` });
      await context[Symbol.asyncDispose]();
      machine.pass(minute);
    }
    await machine.opened.prune({ keepBytes: 2500 }); // behind the one that the upload began
    assert.equal(machine.opened.usage().size, 2000);
    assert.equal((await machine.packs()).length, 2);
  }));

test(
  'many small packs become one',
  onMachine(async (machine) => {
    const files: Directory = new Map();
    for (let i = 0; i < 70; i++) {
      files.set(`f${i}`, { content: `content ${i}`, at: old });
      await (await machine.send(files)).context[Symbol.asyncDispose]();
      machine.pass(1000);
    }
    await machine.opened.prune({ keepBytes: 1 << 20 });
    assert.equal((await machine.packs()).length, 1);
    const { context, digests } = await machine.send(files);
    assert.equal(digests, 0);
    await holds(context, files);
  }),
);

test(
  'two hundred directories are remembered',
  onMachine(async (machine) => {
    const files = directoryOf({ a: 'same' });
    for (let i = 0; i < 202; i++) {
      const { context } = await machine.send(files, { origin: `${i}` });
      await context[Symbol.asyncDispose]();
      machine.pass(1000);
    }
    assert.equal((await machine.offer(files, '2')).wanted.length, 0);
    assert.equal((await machine.offer(files, '1')).wanted.length, 1);
  }),
);
