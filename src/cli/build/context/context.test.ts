import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import type { ContextFile } from '#api/build.ts';
import { readTar } from '#archive/index.ts';
import { ignorePatterns } from '#archive/path-pattern.ts';
import { sha256OfFile } from '../../platform-trees.ts';
import { bytesOfText, textOfBytes } from './byte-strings.ts';
import { filesTar } from './files-tar.ts';
import { parseIgnore } from './ignore.ts';
import { listContext, rowsOf } from './walk.ts';

const folder = mkdtempSync(join(tmpdir(), 'context-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function put(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
}
put(
  'Dockerfile',
  'README.md',
  'docs/a.md',
  'docs/b.txt',
  'src/main.c',
  'src/main.o',
  'src/lib/x.o',
  'src/lib/é.c',
);
put('node_modules/a/index.js', 'node_modules/keep/index.js', 'build/out/keep.txt', 'build/out/drop.txt');
symlinkSync('nowhere', join(folder, 'src/link'));
execFileSync('mkfifo', [join(folder, 'src/pipe')]);

const listed = (ignore = ''): string[] =>
  rowsOf(listContext(folder, parseIgnore(ignore))).map((row) =>
    textOfBytes((JSON.parse(row) as ContextFile).p!),
  );

test('a listing has everything but sockets, folders first, in order of names', async () => {
  const server = createServer().listen(join(folder, 'src/socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  const rows = rowsOf(listContext(folder)).map((row) => JSON.parse(row) as ContextFile);
  server.close();
  const of = (path: string) => rows.find(({ p }) => p === path);
  assert.deepEqual(
    rows.filter(({ p }) => p!.startsWith('src/')).map(({ t, p }) => `${t} ${p}`),
    [
      'd src/lib',
      'l src/link',
      'f src/main.c',
      'f src/main.o',
      'p src/pipe',
      'f src/lib/x.o',
      `f src/lib/${bytesOfText('é.c')}`,
    ],
  );
  assert.equal(of('src/link')?.l, 'nowhere');
  assert.equal(of('src/main.c')?.s, 10);
  assert.match(of('src/main.c')!.k!, /^\d{18,}\.\d{18,}\.\d+$/);
});

const ignored: readonly (readonly [string, string[]])[] = [
  ['*', []],
  ['*\n!Dockerfile', ['Dockerfile']],
  ['**\n!src/main.c', ['src', 'src/main.c']],
  ['node_modules\nbuild\ndocs\nsrc', ['Dockerfile', 'README.md']],
  [
    '# a comment\n\n/src/\nnode_modules/**\nbuild\ndocs/*.md',
    ['Dockerfile', 'README.md', 'docs', 'node_modules', 'docs/b.txt'],
  ],
  [
    'src\nnode_modules/*\n!node_modules/keep\nbuild\n!build/out/keep.txt\ndocs\n**/*.md',
    [
      'Dockerfile',
      'node_modules',
      'build',
      'build/out',
      'build/out/keep.txt',
      'node_modules/keep',
      'node_modules/keep/index.js',
    ],
  ],
];
for (const [text, want] of ignored) {
  test(`ignores ${JSON.stringify(text)}`, () => assert.deepEqual(listed(text), want));
}

test('a tree deeper than a stack', () => {
  const deep = mkdtempSync(join(tmpdir(), 'deep-'));
  try {
    const levels = 1900; // PATH_MAX
    mkdirSync(join(deep, ...Array.from({ length: levels }, () => 'd')), { recursive: true });
    assert.equal(rowsOf(listContext(deep)).length, levels);
    assert.equal(rowsOf(listContext(deep, parseIgnore('d\n!d'))).length, levels);
  } finally {
    rmSync(deep, { recursive: true });
  }
});

test('says of every path what #archive/path-pattern.ts says', () => {
  const paths = listed();
  const patterns = [
    '*.o',
    '**/*.o',
    'src/*.o',
    '**/lib',
    'src/**',
    '**/x.o',
    'src/l?b',
    'src/[a-l]*',
    '[^a-r]*/main.*',
    '!src',
    'src\n!src/lib',
    '**\n!**/*.c',
    'src/lib/é.c',
    '**/?.c',
    './docs/../src/',
    '/README.md',
    'a\\*',
    'docs\n!docs/b.txt\ndocs/b*',
    'docs/**/b.txt',
  ];
  for (const pattern of patterns) {
    const ours = parseIgnore(pattern);
    const theirs = ignorePatterns(pattern);
    for (const path of paths) {
      let verdict = ours.top;
      const parts = bytesOfText(path).split('/');
      parts.forEach((_, i) => {
        verdict = ours.judge(parts.slice(0, i + 1).join('/'), verdict);
      });
      assert.equal(verdict.ignored, theirs.ignores(path), `${JSON.stringify(pattern)} ${path}`);
    }
  }
});

test('a pattern that is none is refused', () => {
  assert.throws(() => parseIgnore('!'), /illegal exclusion pattern: "!"/);
  assert.throws(() => parseIgnore('a[b'), /syntax error in pattern: "a\[b"/);
});

test('a tar of numbered files, of exactly the sizes that were said', async () => {
  async function* bytes(size: number) {
    yield new Uint8Array(size).fill(65);
  }
  const files = [
    { name: 0, size: 3, open: () => bytes(3) },
    { name: 17, size: 700_000, open: () => bytes(700_000) },
    { name: 19, size: 5, open: () => bytes(9) },
    { name: 20, size: 0, open: () => bytes(0) },
  ];
  const read: string[] = [];
  for await (const { entry, body } of readTar(filesTar(files))) {
    let text = '';
    for await (const chunk of body) text += Buffer.from(chunk).toString('latin1');
    read.push(`${entry.name} ${entry.type} ${text.length} ${text.slice(0, 5).replaceAll('\0', '.')}`);
  }
  assert.deepEqual(read, ['0 file 3 AAA', '17 file 700000 AAAAA', '19 file 5 AAAAA', '20 file 0 ']);
});

test('digests of files', async () => {
  assert.equal(
    await sha256OfFile(join(folder, 'Dockerfile')),
    createHash('sha256').update('Dockerfile').digest('hex'),
  );
});
