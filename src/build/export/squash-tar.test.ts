import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTar } from '#archive/read-tar.ts';
import { endOfTar, memberOf, type NewEntry } from '#archive/write-tar.ts';
import { squashTar } from './squash-tar.ts';

type Member = readonly [NewEntry, string?];

const file = (name: string, content: string): Member => [{ name, type: 'file' }, content];
const directory = (name: string): Member => [{ name: `${name}/`, type: 'directory' }];
const link = (name: string, linkName: string): Member => [{ name, type: 'hardLink', linkName }];

const layer = (...members: readonly Member[]) =>
  async function* () {
    yield Buffer.concat([...members.map(([entry, content]) => memberOf(entry, content)), endOfTar]);
  };

async function squashed(...layers: readonly (() => AsyncIterable<Uint8Array>)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const { entry, body } of readTar(squashTar(layers))) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const content = entry.type === 'hardLink' ? `-> ${entry.linkName}` : Buffer.concat(chunks).toString();
    lines.push(`${entry.name} ${content}`.trim());
  }
  return lines;
}

const cases: [string, Member[][], string[]][] = [
  ['files of two layers', [[file('a', '1')], [file('b', '2')]], ['a 1', 'b 2']],
  ['a file replaced', [[file('a', '1')], [file('a', '2')]], ['a 2']],
  ['a file removed', [[file('a', '1')], [file('.wh.a', '')]], ['.wh.a']],
  ['removed and made anew', [[file('a', '1')], [file('.wh.a', '')], [file('a', '3')]], ['a 3']],
  ['a directory removed', [[directory('d'), file('d/a', '1')], [file('.wh.d', '')]], ['.wh.d']],
  [
    'a directory emptied',
    [
      [directory('d'), file('d/a', '1')],
      [directory('d'), file('d/.wh..wh..opq', ''), file('d/b', '2')],
    ],
    ['d/', 'd/.wh..wh..opq', 'd/b 2'],
  ],
  ['a directory that becomes a file', [[directory('d'), file('d/a', '1')], [file('d', '2')]], ['d 2']],
  ['hard links', [[file('a', '1'), link('b', 'a')], [file('c', '2')]], ['a 1', 'b -> a', 'c 2']],
  [
    'the file of hard links replaced',
    [[file('a', '1'), link('b', 'a'), link('c', 'a')], [file('a', '2')]],
    ['b 1', 'c -> b', 'a 2'],
  ],
  ['a hard link replaced', [[file('a', '1'), link('b', 'a')], [file('b', '2')]], ['a 1', 'b 2']],
];
for (const [name, layers, want] of cases)
  test(`layers as one: ${name}`, async () =>
    assert.deepEqual(await squashed(...layers.map((members) => layer(...members))), want));
