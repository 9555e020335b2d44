// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of Dockerfiles
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandHeredoc, expandWord, expandWords, rawWords } from './expand.ts';
import { quoted } from './words.ts';

const values: Readonly<Record<string, string>> = {
  A: 'a',
  EMPTY: '',
  WORDS: 'one two',
  PATH: '/usr/local/bin',
  FILE: 'a.tar.gz',
  KOREAN: '한국어',
  STARS: 'a***yy*',
  LINES: 'a\nb',
  QUOTES: `"q" 'r'`,
};
const lookup = (name: string): string | undefined => (Object.hasOwn(values, name) ? values[name] : undefined);

const words: readonly [text: string, result: string][] = [
  ['', ''],
  ['plain', 'plain'],
  ['$A', 'a'],
  ['${A}', 'a'],
  ['x$A.y', 'xa.y'],
  ['$Ax', ''],
  ['${A}x', 'ax'],
  ['$UNSET|', '|'],
  ['$', '$'],
  ['a$', 'a$'],
  ['$ $', '$ $'],
  ['$.', '$.'],
  ['$1a', 'a'],
  ['$12', ''],
  ['$@$*$#', ''],
  ['$$A', 'A'],
  ['$KOREAN', '한국어'],
  ['🚀$A', '🚀a'],

  // quotes and escapes
  ["'$A'", '$A'],
  ['"$A"', 'a'],
  [`"'$A'"`, `'a'`],
  [`'"$A"'`, '"$A"'],
  ['a"b c"d', 'ab cd'],
  ['""', ''],
  ['\\$A', '$A'],
  ['\\\\$A', '\\a'],
  ['a\\ b', 'a b'],
  ['\\a', 'a'],
  ['a\\', 'a'],
  ['"\\$A"', '$A'],
  ['"\\a"', '\\a'],
  ['"\\""', '"'],
  ['"\\\\"', '\\'],
  ["'\\'", '\\'],
  ["'a\\'b", 'a\\b'],
  ['$QUOTES', `"q" 'r'`],

  // defaults and alternates
  ['${UNSET-w}', 'w'],
  ['${UNSET:-w}', 'w'],
  ['${EMPTY-w}', ''],
  ['${EMPTY:-w}', 'w'],
  ['${A-w}${A:-w}', 'aa'],
  ['${A+w}|${A:+w}', 'w|w'],
  ['${EMPTY+w}|${EMPTY:+w}', 'w|'],
  ['${UNSET+w}|${UNSET:+w}', '|'],
  ['${A?no}${A:?no}', 'aa'],
  ['${EMPTY?no}', ''],
  ['${UNSET:-}', ''],
  ['${UNSET:-$A}', 'a'],
  ['${UNSET:-${A}b}', 'ab'],
  ['${UNSET:-${UNSET:-${A:+x}}}', 'x'],
  ['${UNSET:-"a b"}', 'a b'],
  ["${UNSET:-'$A'}", '$A'],
  ['${UNSET:-\\}}', '}'],
  ['${UNSET:-a\\\\b}', 'a\\b'],
  ['${A:+-${A}}.tgz', '-a.tgz'],
  ['"${UNSET:-"x"}"', 'x'],

  // prefixes and suffixes
  ['${PATH#/}', 'usr/local/bin'],
  ['${PATH#*/}', 'usr/local/bin'],
  ['${PATH##*/}', 'bin'],
  ['${PATH%/*}', '/usr/local'],
  ['${PATH%%/*}', ''],
  ['${PATH#?usr}', '/local/bin'],
  ['${PATH#nothing}', '/usr/local/bin'],
  ['${PATH#}${PATH%}', '/usr/local/bin/usr/local/bin'],
  ['${FILE%.*}', 'a.tar'],
  ['${FILE%%.*}', 'a'],
  ['${FILE#*.}', 'tar.gz'],
  ['${FILE##*.}', 'gz'],
  ['${FILE%.gz}', 'a.tar'],
  ['${FILE%[a-z]}', 'a.tar.gz'],
  ['${FILE#$A}', '.tar.gz'],
  ['${STARS%%\\**\\*}', 'a'],
  ['${STARS%\\**}', 'a***yy'],
  ['${STARS#?\\*}', '**yy*'],
  ['${UNSET#x}${UNSET%%x}', ''],
  ['${KOREAN#?}', '국어'],
  ['${KOREAN%?}', '한국'],
  ['${LINES#*b}', 'a\nb'],
  ['${PATH:#/}', 'usr/local/bin'],

  // replacement
  ['${PATH/local/x}', '/usr/x/bin'],
  ['${PATH//\\//-}', '-usr-local-bin'],
  ['${PATH/\\//-}', '-usr/local/bin'],
  ['${PATH/l*l/x}', '/usr/x/bin'],
  ['${PATH//?/x}', 'xxxxxxxxxxxxxx'],
  ['${PATH/*/x}', 'x'],
  ['${PATH//*/x}', 'x'],
  ['${PATH/nothing/x}', '/usr/local/bin'],
  ['${PATH//u/}', '/sr/local/bin'],
  ['${PATH/usr/$A}', '/a/local/bin'],
  ['${PATH/usr/\\/}', '/\\//local/bin'],
  ['${A/$EMPTY/x}', 'xa'],
  ['${A//$EMPTY/x}', 'xax'],
  ['${A///}', 'a'],
  ['${UNSET/a/b}', ''],
  ['${FILE//./$WORDS}', 'aone twotarone twogz'],
];
for (const [text, result] of words)
  test(`${text} is ${JSON.stringify(result)}`, () => assert.equal(expandWord(text, lookup), result));

const wrong: readonly [text: string, message: string][] = [
  ['${A', "syntax error: missing '}'"],
  ['${', "syntax error: missing '}'"],
  ['${}', 'syntax error: bad substitution'],
  ['${{A}}', 'syntax error: bad substitution'],
  ['${:-x}', 'syntax error: bad substitution'],
  ['${A:-', "syntax error: missing '}'"],
  ['${A:=x}', 'unsupported modifier (:=) in substitution'],
  ['${A=x}', 'unsupported modifier (=) in substitution'],
  ['${A,,}', 'unsupported modifier (,) in substitution'],
  ['${A:0:1}', 'unsupported modifier (:0) in substitution'],
  ['${A[0]}', 'unsupported modifier ([) in substitution'],
  ['${UNSET?}', 'UNSET: is not allowed to be unset'],
  ['${UNSET:?}', 'UNSET: is not allowed to be unset'],
  ['${EMPTY:?}', 'EMPTY: is not allowed to be empty'],
  ['${EMPTY:?say $A}', 'EMPTY: say a'],
  ['${A/x}', "syntax error: missing '/' in ${}"],
  ['${A//}', "syntax error: missing '/' in ${}"],
  ['${A/x/', "syntax error: missing '}'"],
  ['${A#\\x}', "invalid pattern (\\x) in substitution: invalid escape '\\x'"],
  ['"a', 'unexpected end of statement while looking for matching double-quote'],
  ["'a", 'unexpected end of statement while looking for matching single-quote'],
  [`${'${A:-'.repeat(200)}${'}'.repeat(200)}`, 'substitutions are nested too deeply'],
];
for (const [text, message] of wrong)
  test(`refuses ${text.slice(0, 40)}`, () => {
    assert.throws(() => expandWord(text, lookup), {
      kind: 'invalid',
      message: `failed to process ${quoted(text)}: ${message}`,
    });
  });

const splits: readonly [text: string, words: readonly string[]][] = [
  ['', []],
  ['  ', []],
  ['a  b\tc', ['a', 'b', 'c']],
  ['$WORDS', ['one', 'two']],
  ['"$WORDS"', ['one two']],
  ['x${WORDS}y', ['xone', 'twoy']],
  ['a\\ b c', ['a b', 'c']],
  [`'a b'c d`, ['a bc', 'd']],
  ['$EMPTY "" $UNSET', []],
  ['${UNSET:-a b}', ['a', 'b']],
];
for (const [text, wanted] of splits)
  test(`the words of ${text}`, () => assert.deepEqual(expandWords(text, lookup), wanted));

test('the words of a line stay as they are written', () => {
  assert.deepEqual(rawWords(`RUN <<"E F" \\a '$x' $x \${y:-z}`), [
    'RUN',
    '<<"E F"',
    '\\a',
    `'$x'`,
    '$x',
    '${y:-z}',
  ]);
});

const documents: readonly [text: string, result: string][] = [
  [`say "$A" '$A'\n`, `say "a" 'a'\n`],
  ['\\$A \\\\', '$A \\'],
  ["don't\n", "don't\n"],
  ['${UNSET:-"x"}', '"x"'],
];
for (const [text, result] of documents)
  test(`the document ${JSON.stringify(text)}`, () =>
    assert.equal(expandHeredoc(text, lookup, { escape: '`' }), result));

const backticks: readonly [text: string, result: string][] = [
  ['C:\\x', 'C:\\x'],
  ['`$A', '$A'],
  ['"`"`$A"', '"$A'],
  ['"C:\\$A"', 'C:\\a'],
  ['a` b', 'a b'],
];
for (const [text, result] of backticks)
  test(`with the escape character \`: ${text}`, () =>
    assert.equal(expandWord(text, lookup, { escape: '`' }), result));

test('tells which variables were looked up, and which are unset', () => {
  const told: [string, string | undefined][] = [];
  expandWord('$A ${UNSET:-$EMPTY} ${NONE+$A}', lookup, { report: (name, value) => told.push([name, value]) });
  assert.deepEqual(told, [
    ['A', 'a'],
    ['EMPTY', ''],
    ['UNSET', undefined],
    ['A', 'a'],
    ['NONE', undefined],
  ]);
});

test('values that hold each other do not grow without bound', () => {
  let value = 'x'.repeat(1000);
  assert.throws(
    () => {
      for (let round = 0; round < 20; round++) value = expandWord('$v$v$v$v$v$v$v$v', () => value);
    },
    { kind: 'invalid', message: /longer than 4194304 characters when expanded/ },
  );
});

test('a pattern made to take long is refused or quick', () => {
  const started = performance.now();
  const long = 'a'.repeat(4000);
  assert.equal(
    expandWord(`\${x//${'*a'.repeat(2000)}b/c}`, () => long),
    long,
  );
  assert.throws(() => expandWord(`\${x##${'*a'.repeat(30000)}b}`, () => long), { kind: 'invalid' });
  assert.ok(performance.now() - started < 2000);
});
