import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseBytes } from './byte-size.ts';
import { type Flag, parseFlags } from './command-line.ts';
import { passwordFromStdin } from './password-input.ts';
import { shownBytes } from './printing.ts';
import { hubVersion } from './version.ts';

const flags: readonly Flag[] = [
  { name: 'data', kind: 'text', help: '' },
  { name: 'admin', kind: 'switch', help: '' },
  { name: 'listen', kind: 'list', help: '' },
  { name: 'grace', kind: 'duration', help: '' },
];

test('flags and words in any order', () => {
  const given = parseFlags(
    ['ann', '--data=/x', '--admin', '--listen', 'a', '--listen', 'b', '--grace', '1h30m'],
    flags,
  );
  assert.deepEqual(given.words, ['ann']);
  assert.equal(given.text('data'), '/x');
  assert.equal(given.switched('admin'), true);
  assert.deepEqual(given.list('listen'), ['a', 'b']);
  assert.equal(given.seconds('grace'), 5400);
  assert.equal(given.text('other'), undefined);
});

test('a switch that is off; words after --; a value that looks like a flag; - is a word', () => {
  const given = parseFlags(['--admin=false', '-', '--data', '--x', '--', '--admin', '-z'], flags);
  assert.equal(given.switched('admin'), false);
  assert.deepEqual(given.words, ['-', '--admin', '-z']);
  assert.equal(given.text('data'), '--x');
});

const refused: readonly [readonly string[], RegExp][] = [
  [['--other'], /^unknown flag: --other$/],
  [['-x'], /^unknown shorthand flag: 'x' in -x$/],
  [['--data'], /^flag needs an argument: --data$/],
  [['--admin=maybe'], /it is true or false/],
  [['--grace', '-1s'], /it is a duration/],
  [['--grace', '5'], /it is a duration/],
];
for (const [args, message] of refused) {
  test(`refused: ${args.join(' ')}`, () => {
    assert.throws(() => parseFlags(args, flags), { kind: 'invalid', message });
  });
}

const passwords: readonly [string, string | RegExp][] = [
  ['secret', 'secret'],
  ['secret\n', 'secret'],
  ['secret\r\n', 'secret'],
  [' with spaces \n\n', ' with spaces \n'],
  ['', /empty/],
  ['\n', /empty/],
  ['x'.repeat(5000), /longer than/],
];
for (const [input, want] of passwords) {
  test(`a password from ${JSON.stringify(input.slice(0, 20))}`, async () => {
    const read = passwordFromStdin(pieces(input));
    if (typeof want === 'string') assert.equal(await read, want);
    else await assert.rejects(read, want);
  });
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  for (const letter of text) yield Buffer.from(letter);
}

const sizes: readonly [string, number | undefined][] = [
  ['10', 10],
  ['1k', 1024],
  ['1.5GB', 1.5 * 2 ** 30],
  ['2 MiB', 2 ** 21],
  ['x', undefined],
  ['-1', undefined],
  ['9999999999999999', undefined],
];
for (const [text, want] of sizes) {
  test(`a size of ${text}`, () => {
    if (want === undefined) assert.throws(() => parseBytes(text), { kind: 'invalid' });
    else assert.equal(parseBytes(text), want);
  });
}

test('sizes are shown as docker shows them', () => {
  assert.deepEqual([0, 999, 1000, 1500, 10_000_000, 2.5e12].map(shownBytes), [
    '0 B',
    '999 B',
    '1 kB',
    '1.5 kB',
    '10 MB',
    '2.5 TB',
  ]);
});

test("the version is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  assert.equal(hubVersion, version);
});
