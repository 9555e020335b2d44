import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ignorePatterns, matchPath } from './path-pattern.ts';

const matches: [string, string, boolean][] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a☺b', true],
  ['a[^a]b', 'a☺b', true],
  ['a?b', 'a/b', false],
  ['[\\]a]', ']', true],
  ['*x', 'xxx', true],
];
for (const [pattern, path, want] of matches)
  test(`${pattern} ${want ? 'matches' : 'does not match'} ${path}`, () =>
    assert.equal(matchPath(pattern, path), want));

for (const pattern of ['[', '[a', '[]a]', '[a-', '[x-]', 'a\\', '[-x]'])
  test(`the pattern ${pattern} is refused`, () =>
    assert.throws(() => matchPath(pattern, 'a'), { kind: 'invalid' }));

/** Cases of the reference's own matcher, and ours. */
const ignored: [string, string, boolean][] = [
  ['**', 'file', true],
  ['**', 'dir/file', true],
  ['**/', 'dir/file', true],
  ['**/**', 'dir/file', true],
  ['dir/**', 'dir/file', true],
  ['dir/**', 'dir/dir2/file', true],
  ['**/dir', 'dir', true],
  ['**/dir', 'dir/file', true],
  ['**/dir2/*', 'dir/dir2/file', true],
  ['**/dir2/**', 'dir/dir2/dir3/file', true],
  ['**file', 'file', true],
  ['**file', 'dir/file', true],
  ['**file', 'dir/afile', true],
  ['**/file', 'dir/afile', false],
  ['**file*', 'dir/afile', false],
  ['a[^b]c', 'a/c', true],
  ['*\n!.', 'a', true],
  ['**/file', 'dir/file', true],
  ['**file*', 'dir/file.txt', true],
  ['**/file*.txt', 'dir/file.txt', true],
  ['**/**/*.txt', 'dir/file.txt', true],
  ['a**/*.txt', 'a/file.txt', true],
  ['a/*.txt', 'a/dir/file.txt', false],
  ['.*', '.foo', true],
  ['.*', 'foo', false],
  ['abc.def', 'abcZdef', false],
  ['abc?def', 'abcZdef', true],
  ['a\\*b', 'a*b', true],
  ['/a', 'a', true],
  ['a/', 'a/b', true],
  ['./a', 'a', true],
  ['a/../b', 'b', true],
  ['*.md\n!README.md', 'README.md', false],
  ['*.md\n!README.md', 'OTHER.md', true],
  ['!README.md\n*.md', 'README.md', true],
  ['d\n!d/keep', 'd/keep', false],
  ['d\n!d/keep', 'd/drop', true],
  ['# comment\n\n  a  ', 'a', true],
  ['#a', '#a', false],
  ['.', 'a', false],
  ['**\n!src/**/*.c', 'src/x/y.c', false],
  ['**\n!src/**/*.c', 'src/x/y.h', true],
];
for (const [text, path, want] of ignored)
  test(`${JSON.stringify(text)} ${want ? 'leaves out' : 'keeps'} ${path}`, () =>
    assert.equal(ignorePatterns(text).ignores(path), want));

const held: [string, string, boolean][] = [
  ['d\n!d/keep', 'd', true],
  ['d\n!e/keep', 'd', false],
  ['**\n!*.c', 'd', true],
  ['d\n!d/x/y', 'd/x', true],
  ['d\n!d/x/y', 'd/z', false],
  ['d', 'd', false],
];
for (const [text, directory, want] of held)
  test(`in ${directory}, ${JSON.stringify(text)} ${want ? 'may take' : 'takes nothing'} in again`, () =>
    assert.equal(ignorePatterns(text).mayHoldExceptions(directory), want));

for (const text of ['!', '! ', '!/'])
  test(`an exception of nothing is refused: ${JSON.stringify(text)}`, () =>
    assert.throws(() => ignorePatterns(text), { message: 'illegal exclusion pattern: "!"' }));

test('a wrong pattern is told in the words of the reference', () =>
  assert.throws(() => ignorePatterns('a\n['), { message: 'syntax error in pattern' }));

test('a hostile pattern takes no longer than its length times the path', () => {
  const pattern = `${'a*'.repeat(2000)}b`;
  assert.equal(matchPath(pattern, 'a'.repeat(2000)), false);
});
