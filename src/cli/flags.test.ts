import assert from 'node:assert/strict';
import test from 'node:test';
import { bool, FlagError, int, list, parseFlags, strings, text } from './flags.ts';

const set = {
  all: bool('', { short: 'a' }),
  detach: bool('', { short: 'd' }),
  env: list('', { short: 'e' }),
  name: text('', { short: 'n', initial: 'none' }),
  subnet: strings(''),
  tail: int('', { short: 't' }),
  old: { ...bool(''), deprecated: 'use --all instead' },
};
const parse = (line: string, interspersed = true) => {
  const warnings: string[] = [];
  const parsed = parseFlags(set, line.split(' ').filter(Boolean), {
    interspersed,
    warn: (each) => warnings.push(each),
  });
  return { ...parsed, warnings };
};

const accepted: [string, Partial<ReturnType<typeof parse>['flags']>, string[]][] = [
  ['', { all: false, name: 'none', env: [] }, []],
  ['-a x', { all: true }, ['x']],
  ['-ad', { all: true, detach: true }, []],
  ['-adn web', { all: true, detach: true, name: 'web' }, []],
  ['-nweb', { name: 'web' }, []],
  ['-n=web', { name: 'web' }, []],
  ['--name=web --name web2', { name: 'web2' }, []],
  ['--name= x', { name: '' }, ['x']],
  ['--all=false', { all: false }, []],
  ['-a=false', { all: false }, []],
  ['--all false', { all: true }, ['false']],
  ['-e A=1 --env B=2 -eC=3', { env: ['A=1', 'B=2', 'C=3'] }, []],
  ['--subnet a,b --subnet c', { subnet: ['a', 'b', 'c'] }, []],
  ['-t -3', { tail: -3 }, []],
  ['--tail 0x10', { tail: 16 }, []],
  ['x -a y', { all: true }, ['x', 'y']],
  ['x -- -a', { all: false }, ['x', '-a']],
  ['-', {}, ['-']],
];
for (const [line, flags, args] of accepted) {
  test(`flags of "${line}"`, () => {
    const parsed = parse(line);
    assert.deepEqual({ ...parsed.flags, ...flags }, parsed.flags);
    assert.deepEqual(parsed.args, args);
  });
}

const refused: [string, string][] = [
  ['--nosuch', 'unknown flag: --nosuch'],
  ['-ax', "unknown shorthand flag: 'x' in -x"],
  ['-n', "flag needs an argument: 'n' in -n"],
  ['-an', "flag needs an argument: 'n' in -n"],
  ['--name', 'flag needs an argument: --name'],
  ['--=x', 'bad flag syntax: --=x'],
  [
    '--all=maybe',
    'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  [
    '-t many',
    'invalid argument "many" for "-t, --tail" flag: strconv.ParseInt: parsing "many": invalid syntax',
  ],
  ['--toString', 'unknown flag: --toString'],
];
for (const [line, message] of refused) {
  test(`flags refuse "${line}"`, () => assert.throws(() => parse(line), new FlagError(message)));
}

test('the first argument ends the flags of run and exec', () => {
  const { flags, args } = parse('-a image -d --nosuch', false);
  assert.deepEqual([flags.all, flags.detach, args], [true, false, ['image', '-d', '--nosuch']]);
});

test('what was given is known, and what is deprecated is said', () => {
  const { given, warnings } = parse('--old --name none');
  assert.deepEqual([...given], ['old', 'name']);
  assert.deepEqual(warnings, ['Flag --old has been deprecated, use --all instead']);
});
