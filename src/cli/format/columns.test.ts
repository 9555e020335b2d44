import assert from 'node:assert/strict';
import test from 'node:test';
import { alignColumns, fitColumns } from './columns.ts';
import { indentJson } from './indent-json.ts';
import { displayPorts } from './ports.ts';
import { contains, isAddress } from './subnets.ts';
import { queryTime } from './times.ts';

test('cells are as wide as the widest around them', () => {
  assert.equal(alignColumns('A\tB\nlonger than ten\tx\n'), 'A                 B\nlonger than ten   x\n');
  assert.equal(alignColumns('a\tb\n\nlonger than ten\tx'), 'a         b\n\nlonger than ten   x');
  assert.equal(alignColumns('ü\tx\n'), 'ü         x\n');
});

test('JSON is laid out and its tokens left alone', () => {
  const text = '{"a":[],"b":{},"c":[1.50,{"d":"x\\u003c, {\\"}"}],"e": 12345678901234567890}';
  assert.equal(
    indentJson(text),
    '{\n    "a": [],\n    "b": {},\n    "c": [\n        1.50,\n        {\n            "d": "x\\u003c, {\\"}"\n        }\n    ],\n    "e": 12345678901234567890\n}',
  );
});

const tcp = (PrivatePort: number, PublicPort?: number, IP?: string) =>
  ({ PrivatePort, Type: 'tcp', ...(PublicPort && { PublicPort }), ...(IP && { IP }) }) as const;
const ports: [Parameters<typeof displayPorts>[0], string][] = [
  [[], ''],
  [[tcp(80)], '80/tcp'],
  [[tcp(80), tcp(81), tcp(82)], '80-82/tcp'],
  [[tcp(80), tcp(82)], '80/tcp, 82/tcp'],
  [[tcp(80, 8080, '0.0.0.0'), tcp(80, 8080, '::')], '0.0.0.0:8080->80/tcp, [::]:8080->80/tcp'],
  [[tcp(81, 81, '0.0.0.0'), tcp(80, 80, '0.0.0.0')], '0.0.0.0:80-81->80-81/tcp'],
  [[tcp(80, 90, '0.0.0.0'), tcp(81)], '81/tcp, 0.0.0.0:90->80/tcp'],
  [[tcp(53), { PrivatePort: 53, Type: 'udp' }], '53/tcp, 53/udp'],
];
for (const [given, shown] of ports) test(`ports "${shown}"`, () => assert.equal(displayPorts(given), shown));

test('addresses and subnets', () => {
  for (const good of ['1.2.3.4', '::1', 'fe80::1:2', '1:2:3:4:5:6:7:8', '::'])
    assert.ok(isAddress(good), good);
  for (const bad of ['1.2.3', '1.2.3.256', '1:2', ':::', '1::2::3', 'g::', '1:2:3:4:5:6:7:8:9', ''])
    assert.ok(!isAddress(bad), bad);
  assert.ok(contains('10.0.0.0/8', '10.255.0.1') && !contains('10.0.0.0/16', '10.1.0.1'));
  assert.ok(
    contains('fd00::/8', 'fd12::1') && !contains('fd00::/8', 'fe00::1') && !contains('fd00::/8', '10.0.0.1'),
  );
});

const now = Date.parse('2026-01-02T03:04:05.678Z');
const times: [string, string][] = [
  ['1577836800', '1577836800'],
  ['1577836800.5', '1577836800.5'],
  ['10m', '1767322445'],
  ['0s', '1767323045'],
  ['1h30m', '1767317645'],
  ['2020-01-01T00:00:00Z', '1577836800.000000000'],
  ['2020-01-01T00:00:00.123456789Z', '1577836800.123456789'],
  ['2020-01-01T01:00:00+01:00', '1577836800.000000000'],
];
for (const [text, moment] of times) test(`time "${text}"`, () => assert.equal(queryTime(text, now), moment));
test('what is no time', () =>
  assert.throws(() => queryTime('noon'), /failed to parse value as time or duration: "noon"/));

test('a table fits the terminal by its widest columns', () => {
  const lines = [
    ['ID', 'COMMAND', 'PORTS'],
    ['abc', '"sh -c a long command"', '0.0.0.0:8080->80/tcp, [::]:8080->80/tcp'],
  ];
  const text = alignColumns(
    fitColumns(lines, 50)
      .map((line) => line.join('\t'))
      .join('\n'),
  );
  assert.ok(
    text.split('\n').every((line) => [...line].length <= 50),
    text,
  );
  assert.match(text, /…/);
  assert.deepEqual(fitColumns(lines, 200), lines);
  assert.deepEqual(fitColumns(lines, 20), lines);
});
