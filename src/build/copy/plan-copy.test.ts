import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FileSource } from '#archive/file-source.ts';
import { readTar } from '#archive/read-tar.ts';
import { shownName } from '#archive/tar-entry.ts';
import { memoryContext, memoryFiles } from '../../../test/fixtures/memory-files.ts';
import { directory, file, gnuSparse, hardLink, symlink, tar } from '../../../test/fixtures/tar.ts';
import type { ContextStore } from '../context/context.ts';
import type { CopyPlan, CopyRequest } from './copy.ts';
import { planCopy } from './plan-copy.ts';

const noContexts: ContextStore = {
  open: () => assert.fail(),
  fetch: async (url) => ({ ...memoryContext({ 'src/a.c': 'a' }), name: url }),
  download: async () => ({
    ...{ name: 'tool.sh', digest: `sha256:${'5'.repeat(64)}`, size: 4, modified: 50 },
    open: async function* () {
      yield Buffer.from('tool');
    },
    [Symbol.asyncDispose]: async () => undefined,
  }),
};

const files = {
  'a.txt': 'a',
  'b.txt': { content: 'b', mode: 0o755 },
  'c.md': 'c',
  'd/': { mode: 0o700 },
  'd/f': 'df',
  'd/in/': { mode: 0o711 },
  'd/in/g.txt': 'dg',
  'd/in/h.md': 'dh',
  'd/l': '-> f',
  'la.txt': '-> a.txt',
  ld: '-> /d',
  out: '-> ../../../etc',
  round: '-> round',
  '[x]': 'bracket',
};
const owned = memoryFiles({
  'app/': { uid: 3, gid: 3 },
  'app/one': {
    content: '1',
    uid: 5,
    gid: 6,
    mode: 0o4755,
    identity: 'x',
    modified: { seconds: 70, nanoseconds: 1 },
  },
  'app/two': {
    content: '1',
    uid: 5,
    gid: 6,
    mode: 0o4755,
    identity: 'x',
    modified: { seconds: 170, nanoseconds: 1 },
  },
  'app/cap': { content: 'c', xattrs: new Map([['security.capability', Buffer.from('cap')]]) },
});
const root = {
  'run/': { mode: 0o711 },
  'var/run': '-> /run',
  'etc/passwd': 'root:x:0:0::/:\nweb:x:77:78::/:\n',
  'etc/group': 'web:x:79:\n',
  'old/': { mode: 0o710, uid: 9, gid: 9 },
  'old/in/': { mode: 0o701, uid: 9, gid: 9 },
  'old/file': 'old',
  'old/link': '-> in',
  plain: 'plain',
  lplain: '-> plain',
};

const request = (given: Partial<CopyRequest>): CopyRequest => ({
  kind: 'COPY',
  sources: ['a.txt'],
  heredocs: [],
  destination: '/x/',
  workingDirectory: '/',
  link: false,
  parents: false,
  exclude: [],
  keepGitDir: false,
  from: memoryContext(files),
  epoch: 100,
  ...given,
});

const plan = (given: Partial<CopyRequest>): Promise<CopyPlan> =>
  planCopy(request(given), { contexts: noContexts, signal: new AbortController().signal });

/** `/x/ 755`, `/x/a 644 1:2 "content"`; times only where they are not the epoch. */
async function layerOf(given: Partial<CopyRequest>, onto?: FileSource): Promise<string[]> {
  await using planned = await plan(given);
  const lines: string[] = [];
  for await (const { entry, body } of readTar(planned.layer(given.link === true ? undefined : onto))) {
    let content = '';
    for await (const chunk of body) content += Buffer.from(chunk).toString('latin1');
    const parts = [`/${shownName(entry.name)}`, entry.mode.toString(8)];
    if (entry.uid !== 0 || entry.gid !== 0) parts.push(`${entry.uid}:${entry.gid}`);
    if (entry.modified.seconds !== 100) parts.push(`@${entry.modified.seconds}`);
    if (entry.type === 'file') parts.push(JSON.stringify(content));
    if (entry.linkName !== '') parts.push(`${entry.type === 'symlink' ? '->' : '='} ${entry.linkName}`);
    parts.push(...entry.xattrs.keys());
    lines.push(parts.join(' '));
  }
  return lines;
}

const wholeD = [
  '/x/f 644 "df"',
  '/x/in/ 711',
  '/x/in/g.txt 644 "dg"',
  '/x/in/h.md 644 "dh"',
  '/x/l 777 -> f',
];
const heredoc = (name: string, content: string) => ({ name, content, expand: true, chomp: false });
const old = '/old/ 710 9:9 @0';

const layers: [what: string, given: Partial<CopyRequest>, want: readonly string[] | RegExp][] = [
  ['a file into a directory', {}, ['/x/ 755', '/x/a.txt 644 "a"']],
  ['a file to a name', { destination: '/x/y' }, ['/x/ 755', '/x/y 644 "a"']],
  ['a file to the root', { destination: '/' }, ['/a.txt 644 "a"']],
  [
    'relative to the working directory',
    { destination: 'y', workingDirectory: '/w' },
    ['/w/ 755', '/w/y 644 "a"'],
  ],
  ['a dot', { destination: '.', workingDirectory: '/w/v' }, ['/w/ 755', '/w/v/ 755', '/w/v/a.txt 644 "a"']],
  ['a destination above the root', { destination: '../../x/' }, ['/x/ 755', '/x/a.txt 644 "a"']],
  ['a source above the root', { sources: ['../../a.txt'] }, ['/x/ 755', '/x/a.txt 644 "a"']],
  ['an absolute source', { sources: ['/d/in/g.txt'] }, ['/x/ 755', '/x/g.txt 644 "dg"']],
  ['a mode', { sources: ['b.txt'] }, ['/x/ 755', '/x/b.txt 755 "b"']],
  ['a directory is its content', { sources: ['d'] }, ['/x/ 755', ...wholeD]],
  ['the same without a slash', { sources: ['d/'], destination: '/x' }, ['/x/ 755', ...wholeD]],
  ['a link to a directory', { sources: ['ld'] }, ['/x/ 755', ...wholeD]],
  ['a link to a file', { sources: ['la.txt'] }, ['/x/ 755', '/x/la.txt 644 "a"']],
  ['a link out of the context', { sources: ['out'] }, /"\/out": not found/],
  ['a link to itself', { sources: ['round'] }, /too many links/],
  ['what is not there', { sources: ['none'] }, /"\/none": not found/],
  [
    'wildcards',
    { sources: ['[ab].t?t', '*.md'] },
    ['/x/ 755', '/x/a.txt 644 "a"', '/x/b.txt 755 "b"', '/x/c.md 644 "c"'],
  ],
  ['wildcards of directories', { sources: ['d/i*/*.md'] }, ['/x/ 755', '/x/h.md 644 "dh"']],
  ['an escape', { sources: ['\\[x]'] }, ['/x/ 755', '/x/[x] 644 "bracket"']],
  ['wildcards that match nothing', { sources: ['none*'] }, []],
  [
    'classic: wildcards that match nothing',
    { sources: ['none*'], style: 'classic' },
    /^COPY failed: no source files were specified$/,
  ],
  [
    'classic: what is not there',
    { sources: ['./no/ne'], style: 'classic' },
    /^COPY failed: file not found in build context or excluded by \.dockerignore: stat no\/ne: file does not exist$/,
  ],
  [
    'wildcards to one name',
    { sources: ['*.txt'], destination: '/x' },
    /When using COPY with more than one source file/,
  ],
  [
    'several to one name',
    { sources: ['a.txt', 'c.md'], destination: '/old' },
    /When using COPY with more than one/,
  ],
  [
    'several of ADD to one name',
    { kind: 'ADD', sources: ['a.txt', 'c.md'], destination: '/x' },
    /When using ADD/,
  ],
  ['a bad pattern', { sources: ['a[.txt'] }, /syntax error in pattern/],
  [
    'through a link of the root',
    { destination: '/var/run/z/' },
    ['/run/ 711 @0', '/run/z/ 755', '/run/z/a.txt 644 "a"'],
  ],
  ['into a directory that is there', { destination: '/old' }, [old, '/old/a.txt 644 "a"']],
  ['onto a file', { destination: '/plain' }, ['/plain 644 "a"']],
  ['onto a link to a file', { destination: '/lplain' }, ['/plain 644 "a"']],
  [
    'a directory onto a file',
    { sources: ['d'], destination: '/plain' },
    /cannot copy to non-directory: "\/plain"/,
  ],
  ['beneath a file', { destination: '/plain/x' }, /cannot copy to non-directory: "\/plain"/],
  [
    'onto a tree: the top stays, what is beneath becomes as the source',
    { sources: ['d'], destination: '/old/' },
    [
      old,
      '/old/f 644 "df"',
      '/old/in/ 711',
      '/old/in/g.txt 644 "dg"',
      '/old/in/h.md 644 "dh"',
      '/old/l 777 -> f',
    ],
  ],
  [
    'a directory onto a link in a tree',
    { from: memoryContext({ 's/link/f': 'f' }), sources: ['s'], destination: '/old' },
    /cannot copy to non-directory: "\/old\/link"/,
  ],
  [
    'a file onto a directory in a tree',
    { from: memoryContext({ 's/in': 'f' }), sources: ['s'], destination: '/old' },
    /cannot replace to directory "\/old\/in" with file/,
  ],
  ['chown by number', { chown: '88' }, ['/x/ 755 88:88', '/x/a.txt 644 88:88 "a"']],
  ['chown by name', { chown: 'web' }, ['/x/ 755 77:78', '/x/a.txt 644 77:78 "a"']],
  ['chown by names', { chown: 'web:web' }, ['/x/ 755 77:79', '/x/a.txt 644 77:79 "a"']],
  ['chown leaves what is there', { chown: '5:6', destination: '/old/' }, [old, '/old/a.txt 644 5:6 "a"']],
  [
    'chown by a name that is none',
    { chown: 'x' },
    /^unable to convert uid\/gid chown string to host mapping: can't find uid for user x: no such user: x$/,
  ],
  ['chown by a group that is none', { chown: '1:y' }, /can't find gid for group y: no such group: y/],
  ['chmod', { chmod: '0604' }, ['/x/ 755', '/x/a.txt 604 "a"']],
  [
    'chmod by signs',
    { sources: ['d/in'], chmod: 'u=rwX,go=rX' },
    ['/x/ 755', '/x/g.txt 644 "dg"', '/x/h.md 644 "dh"'],
  ],
  ['chmod of a copy of bits', { sources: ['b.txt'], chmod: 'g=u,o=' }, ['/x/ 755', '/x/b.txt 770 "b"']],
  ['chmod of nonsense', { chmod: '9x' }, /invalid chmod parameter: '9x'/],
  [
    'link',
    { link: true, destination: '/var/run/' },
    ['/var/ 755', '/var/run/ 755', '/var/run/a.txt 644 "a"'],
  ],
  ['link knows no names', { link: true, chown: 'web' }, /no such user: web/],
  [
    'parents',
    { parents: true, sources: ['d/in/g.txt', 'a.txt'] },
    ['/x/ 755', '/x/d/ 700', '/x/d/in/ 711', '/x/d/in/g.txt 644 "dg"', '/x/a.txt 644 "a"'],
  ],
  [
    'parents below a pivot',
    { parents: true, sources: ['./d/./in/*.md'] },
    ['/x/ 755', '/x/in/ 711', '/x/in/h.md 644 "dh"'],
  ],
  [
    'parents at any depth',
    { parents: true, sources: ['**/*.md'] },
    ['/x/ 755', '/x/c.md 644 "c"', '/x/d/ 700', '/x/d/in/ 711', '/x/d/in/h.md 644 "dh"'],
  ],
  [
    'parents of a directory',
    { parents: true, sources: ['d/in'] },
    ['/x/ 755', '/x/d/ 700', '/x/d/in/ 711', '/x/d/in/g.txt 644 "dg"', '/x/d/in/h.md 644 "dh"'],
  ],
  ['parents of what is not there', { parents: true, sources: ['d/none'] }, /"\/d\/none": not found/],
  [
    'exclude',
    { sources: ['d'], exclude: ['**/*.md', 'l'] },
    ['/x/ 755', '/x/f 644 "df"', '/x/in/ 711', '/x/in/g.txt 644 "dg"'],
  ],
  ['exclude of a file', { sources: ['*.txt'], exclude: ['b*', 'la*'] }, ['/x/ 755', '/x/a.txt 644 "a"']],
  [
    'exclude with an exception',
    { sources: ['d'], exclude: ['in', 'l', '!in/g.txt'] },
    ['/x/ 755', '/x/f 644 "df"', '/x/in/ 711', '/x/in/g.txt 644 "dg"'],
  ],
  [
    'heredocs',
    { sources: ['<<one', '<<two'], heredocs: [heredoc('one', '1\n'), heredoc('two', '')] },
    ['/x/ 755', '/x/one 644 "1\\n"', '/x/two 644 ""'],
  ],
  [
    'a heredoc to a name',
    { sources: ['<<one'], heredocs: [heredoc('one', '1')], destination: '/n', chmod: '+x' },
    ['/n 755 "1"'],
  ],
  [
    'from a tree: owners, times, set-id bits, hard links and attributes are kept',
    { from: owned, sources: ['app'] },
    [
      '/x/ 755',
      '/x/cap 644 @0 "c" security.capability',
      '/x/one 4755 5:6 @70 "1"',
      '/x/two 4755 5:6 = x/one',
    ],
  ],
  [
    'from a tree, by another owner',
    { from: owned, sources: ['app/one'], chown: '1' },
    ['/x/ 755 1:1', '/x/one 4755 1:1 @70 "1"'],
  ],
  [
    'a name that means a whiteout',
    { from: memoryContext({ '.wh.a': '' }), sources: ['.'] },
    /in a layer the name means a removal/,
  ],
  ['a URL', { kind: 'ADD', sources: ['https://h/tool.sh'] }, ['/x/ 755', '/x/tool.sh 600 @50 "tool"']],
  [
    'a repository',
    { kind: 'ADD', sources: ['https://h/r.git#main'] },
    ['/x/ 755', '/x/src/ 755', '/x/src/a.c 644 "a"'],
  ],
  ['COPY of a URL', { sources: ['https://h/tool.sh'] }, /not found/],
  ['a checksum of a file', { kind: 'ADD', checksum: 'sha256:00' }, /checksum requires/],
];
for (const [what, given, want] of layers)
  test(`copy: ${what}`, async () => {
    const lines = layerOf(given, memoryFiles(root));
    if (want instanceof RegExp) await assert.rejects(lines, { message: want });
    else assert.deepEqual(await lines, want);
  });

const binary = (bytes: Buffer, extra: Partial<CopyRequest> = {}): Partial<CopyRequest> => {
  const context = memoryContext({ 'a.tar': { content: 'x', size: bytes.length } });
  const from = {
    ...context,
    open: async function* () {
      yield bytes;
    },
  };
  return { kind: 'ADD', sources: ['a.tar'], destination: '/old/', from, ...extra };
};
const plain = tar(
  file('f', 'f', { uid: 4, mode: 0o600 }),
  directory('in/', { mode: 0o700 }),
  file('n/g', 'g'),
);
const unpacked = [old, '/old/f 600 4:0 @0 "f"', '/old/in/ 700 @0', '/old/n/ 755', '/old/n/g 644 @0 "g"'];
const archives: [
  what: string,
  bytes: Buffer,
  extra: Partial<CopyRequest>,
  want: readonly string[] | RegExp,
][] = [
  ['a tar', plain, {}, unpacked],
  ['a tar in gzip', gzipSync(plain), {}, unpacked],
  ['owners of an archive stay', plain, { chown: '1:2' }, unpacked],
  ['no unpacking', Buffer.from('text'), { unpack: false }, [old, '/old/a.tar 644 "text"']],
  ['COPY does not unpack', Buffer.from('text'), { kind: 'COPY' }, [old, '/old/a.tar 644 "text"']],
  ['unpacking of no archive', Buffer.from('text'), { unpack: true }, /is no archive/],
  [
    'a file in gzip',
    gzipSync('text'),
    { destination: '/z' },
    [`/z 644 ${JSON.stringify(gzipSync('text').toString('latin1'))}`],
  ],
  [
    'names out of the destination',
    tar(file('../../f', 'f'), file('/etc/g', 'g'), file('a/../../h', 'h')),
    {},
    [old, '/old/f 644 @0 "f"', '/old/etc/ 755', '/old/etc/g 644 @0 "g"', '/old/h 644 @0 "h"'],
  ],
  [
    'its own link out of the destination',
    tar(symlink('l', '/etc', { mode: 0o777 }), file('l/passwd', 'p')),
    {},
    [old, '/old/l 777 @0 -> /etc', '/old/etc/ 755', '/old/etc/passwd 644 @0 "p"'],
  ],
  [
    'its own link upwards',
    tar(symlink('l', '../../../run', { mode: 0o777 }), file('l/p', 'p')),
    {},
    [old, '/old/l 777 @0 -> ../../../run', '/old/run/ 755', '/old/run/p 644 @0 "p"'],
  ],
  [
    'a link that was there',
    tar(file('link/p', 'p')),
    {},
    [old, '/old/in/ 701 9:9 @0', '/old/in/p 644 @0 "p"'],
  ],
  [
    "a directory in a link's place",
    tar(directory('link/'), file('link/p', 'p')),
    {},
    [old, '/old/link/ 755 @0', '/old/link/p 644 @0 "p"'],
  ],
  [
    'a hard link out of the destination',
    tar(file('f', 'f'), hardLink('h', '/f'), hardLink('i', '../f')),
    {},
    [old, '/old/f 644 @0 "f"', '/old/h 644 @0 = old/f', '/old/i 644 @0 = old/f'],
  ],
  [
    'a sparse file',
    tar(gnuSparse('s', 5, [[1, 'ab']])),
    {},
    [old, '/old/s 644 @0 "\\u0000ab\\u0000\\u0000"'],
  ],
  ['a whiteout', tar(file('.wh.in', '')), {}, /in a layer the name means a removal/],
  ['links in a circle', tar(symlink('a', 'b'), symlink('b', 'a'), file('a/x', '')), {}, /too many links/],
];
for (const [what, bytes, extra, want] of archives)
  test(`add: ${what}`, async () => {
    const lines = layerOf(binary(bytes, extra), memoryFiles(root));
    if (want instanceof RegExp) await assert.rejects(lines, { message: want });
    else assert.deepEqual(await lines, want);
  });

test('many `**` over a deep tree take no time', async () => {
  const from = memoryContext({ [`${'a/'.repeat(60)}f`]: 'x' });
  const given = { from, parents: true, sources: [`${'**/'.repeat(20)}f`] };
  assert.equal((await plan(given)).files.size, 1);
});

test('an archive that puts files in the place of directories', async () => {
  const members = [directory('a/'), file('a/b/c', '1'), file('a', '2'), directory('a/'), file('a/b/d', '3')];
  assert.deepEqual(await layerOf(binary(tar(...members)), memoryFiles(root)), [
    ...[old, '/old/a/ 755 @0', '/old/a/b/ 755', '/old/a/b/c 644 @0 "1"', '/old/a 644 @0 "2"'],
    ...['/old/a/ 755 @0', '/old/a/b/ 755', '/old/a/b/d 644 @0 "3"'],
  ]);
});

const digestOf = async (given: Partial<CopyRequest>) => (await plan(given)).digest;
const asIs: Partial<CopyRequest> = { sources: ['d'] };
const changes: [what: string, given: Partial<CopyRequest>][] = [
  ['another source', { sources: ['d/in'] }],
  ['another content', { from: memoryContext({ ...files, 'd/in/g.txt': 'other' }) }],
  ['another mode', { from: memoryContext({ ...files, 'd/f': { content: 'df', mode: 0o600 } }) }],
  ['another destination', { destination: '/y/' }],
  ['another working directory', { workingDirectory: '/w' }],
  ['an owner', { chown: '1' }],
  ['a mode asked for', { chmod: '1' }],
  ['link', { link: true }],
  ['parents', { parents: true }],
  ['exclude', { exclude: ['f'] }],
  ['a known tree', { from: owned, sources: ['app'], fromKey: 'one' }],
];
for (const [what, given] of changes)
  test(`the digest is another with ${what}`, async () =>
    assert.notEqual(await digestOf({ ...asIs, ...given }), await digestOf(asIs)));

test('the digest is the same whatever else is in the context, and at another time', async () => {
  const other = { from: memoryContext({ ...files, 'a.txt': 'changed' }), epoch: 7 };
  assert.equal(await digestOf({ ...asIs, ...other }), await digestOf(asIs));
});

test('what is copied is told by path', async () => {
  await using planned = await plan({ sources: ['d/in', 'a.txt'] });
  assert.deepEqual([...planned.files.keys()], ['d/in/g.txt', 'd/in/h.md', 'a.txt']);
  for (const digest of planned.files.values()) assert.match(digest, /^[0-9a-f]{12}$/);
  assert.match(planned.classicName, /^multi:[0-9a-f]{64}$/);
});
