import assert from 'node:assert/strict';
import test from 'node:test';
import { progressText } from './bar.ts';
import { ProgressScreen } from './display.ts';

test('bars', () => {
  assert.equal(progressText({}, 200), '');
  assert.equal(progressText({ current: 5_000_000 }, 200), '     5MB');
  assert.equal(
    progressText({ current: 1, total: 2 }, 200),
    `[${'='.repeat(25)}>${' '.repeat(25)}]       1B/2B`,
  );
  assert.equal(progressText({ current: 2, total: 2 }, 200), `[${'='.repeat(50)}>]       2B/2B`);
  assert.equal(progressText({ current: 1_500_000, total: 3_000_000 }, 100), '   1.5MB/3MB');
  assert.equal(progressText({ current: 3, total: 2 }, 80), '      3B');
  assert.equal(progressText({ current: 3, total: 9, units: 'steps' }, 80), '3/9 steps');
});

const pulling = [
  { status: 'Pulling from library/x', id: 'latest' },
  { status: 'Pulling fs layer', progressDetail: {}, id: 'a' },
  { status: 'Pulling fs layer', progressDetail: {}, id: 'b' },
  { status: 'Downloading', progressDetail: { current: 1, total: 2 }, id: 'a' },
  { status: 'Pull complete', progressDetail: {}, id: 'b' },
  { status: 'Digest: sha256:x' },
  { status: 'Status: done' },
];

test('without a terminal: a line for each change, no bars', () => {
  const screen = new ProgressScreen({ terminal: false, columns: () => 200 });
  assert.equal(
    pulling.map((message) => screen.show(message)).join(''),
    'latest: Pulling from library/x\na: Pulling fs layer\nb: Pulling fs layer\nb: Pull complete\nDigest: sha256:x\nStatus: done\n',
  );
});

test('on a terminal: each ID keeps its line', () => {
  const screen = new ProgressScreen({ terminal: true, columns: () => 60 });
  assert.deepEqual(
    pulling.map((message) => screen.show(message)),
    [
      'latest: Pulling from library/x\n',
      '\n\x1b[1A\x1b[2K\ra: Pulling fs layer \r\x1b[1B',
      '\n\x1b[1A\x1b[2K\rb: Pulling fs layer \r\x1b[1B',
      '\x1b[2A\x1b[2K\ra: Downloading       1B/2B\r\x1b[2B',
      '\x1b[1A\x1b[2K\rb: Pull complete \r\x1b[1B',
      'Digest: sha256:x\n',
      'Status: done\n',
    ],
  );
});

test('no line is wider than the terminal', () => {
  const screen = new ProgressScreen({ terminal: true, columns: () => 20 });
  const shown = screen.show({
    status: 'Downloading something large',
    progressDetail: { current: 1, total: 2 },
    id: 'layer',
  });
  assert.match(shown, /\r(.{19})\r/);
});
