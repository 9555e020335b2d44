import assert from 'node:assert/strict';
import test from 'node:test';
import { parseCommandLine } from './command-line.ts';

const lines: [line: string, want: Record<string, unknown>][] = [
  ['', {}],
  ['--debug --mtu 1400', { debug: true, mtu: 1400 }],
  ['--debug=false --icc=0', { debug: false, icc: false }],
  [
    '-H unix:///a -Hunix:///b -H=tcp://c --host unix:///d',
    { host: ['unix:///a', 'unix:///b', 'tcp://c', 'unix:///d'] },
  ],
  ['-DH unix:///a', { debug: true, host: ['unix:///a'] }],
  ['--log-opt max-size=1m --log-opt max-file=2', { 'log-opt': { 'max-size': '1m', 'max-file': '2' } }],
  [
    '--default-ulimit nofile=10:20 --default-ulimit nproc=5',
    {
      'default-ulimit': {
        nofile: { Name: 'nofile', Soft: 10, Hard: 20 },
        nproc: { Name: 'nproc', Soft: 5, Hard: 5 },
      },
    },
  ],
  ['--default-shm-size 1.5g', { 'default-shm-size': 1_610_612_736 }],
];
for (const [line, want] of lines) {
  test(`"${line}"`, () => {
    assert.deepEqual(Object.fromEntries(parseCommandLine(line.split(' ').filter(Boolean))), want);
  });
}

const refusals: [line: string, message: string][] = [
  ['--bogus', 'unknown flag: --bogus'],
  ['-Z', "unknown shorthand flag: 'Z' in -Z"],
  ['--mtu abc', 'invalid argument "abc" for "--mtu" flag: strconv.ParseInt: parsing "abc": invalid syntax'],
  [
    '--debug=maybe',
    'invalid argument "maybe" for "-D, --debug" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  ['--bridge', 'flag needs an argument: --bridge'],
  ['-H', "flag needs an argument: 'H' in -H"],
  ['extra', '"hoistd" accepts no arguments'],
  [
    '--default-ulimit nofile=20:10',
    'invalid argument "nofile=20:10" for "--default-ulimit" flag: ulimit soft limit must be less than or equal to hard limit: 20 > 10',
  ],
];
for (const [line, message] of refusals) {
  test(message, () => assert.throws(() => parseCommandLine(line.split(' ')), { kind: 'invalid', message }));
}
