import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGoDuration, goDuration } from '#api/go-duration.ts';
import { reasonOf } from '../cache/explain.ts';
import { stepKey } from '../cache/keys.ts';
import { envWith } from './env.ts';
import { exposedPorts } from './exposed-ports.ts';
import { workingDirectory } from './metadata.ts';
import { SharedSteps } from './shared-steps.ts';

const durations: [string, number | undefined, string?][] = [
  ['30s', 30e9, '30s'],
  ['1m30s', 90e9, '1m30s'],
  ['1h', 3600e9, '1h0m0s'],
  ['1.5s', 1.5e9, '1.5s'],
  ['500ms', 5e8, '500ms'],
  ['0', 0, '0s'],
  ['-1s', -1e9],
  ['30', undefined],
  ['', undefined],
  ['s', undefined],
  ['1 s', undefined],
];
for (const [text, nanoseconds, shown] of durations)
  test(`the duration ${JSON.stringify(text)}`, () => {
    assert.equal(findGoDuration(text), nanoseconds);
    if (shown !== undefined) assert.equal(goDuration(nanoseconds!), shown);
  });

const ports: [string[], string[] | RegExp][] = [
  [['80'], ['80/tcp']],
  [
    ['53/udp', '80/TCP'],
    ['53/udp', '80/tcp'],
  ],
  [['8000-8002'], ['8000/tcp', '8001/tcp', '8002/tcp']],
  [['127.0.0.1:80:8080'], ['8080/tcp']],
  [['80/quic'], /invalid proto: quic/],
  [['x'], /invalid containerPort: x/],
  [['90-80'], /invalid containerPort: 90-80/],
  [['70000'], /invalid containerPort: 70000/],
];
for (const [words, want] of ports)
  test(`EXPOSE ${words.join(' ')}`, () => {
    if (want instanceof RegExp) assert.throws(() => exposedPorts(words), want);
    else assert.deepEqual([...exposedPorts(words)], want);
  });

const directories: [string, string, string][] = [
  ['', 'a', '/a'],
  ['/a', 'b', '/a/b'],
  ['/a', '/b/', '/b'],
  ['/a', '..', '/'],
  ['/a', '../../x', '/x'],
  ['/a', '.', '/a'],
];
for (const [before, path, want] of directories)
  test(`WORKDIR ${path} after ${before || 'nothing'}`, () =>
    assert.equal(workingDirectory(before, path), want));

test('a variable that is set again keeps its place', () =>
  assert.deepEqual(
    envWith(
      ['A=1', 'B=2'],
      [
        { key: 'A', value: '3' },
        { key: 'C', value: '' },
      ],
    ),
    ['A=3', 'B=2', 'C='],
  ));

test('the order of inputs counts for nothing, their values and names do', () => {
  const key = (...inputs: [string, string][]) => stepKey(new Map(inputs));
  assert.equal(key(['a', '1'], ['b', '2']), key(['b', '2'], ['a', '1']));
  assert.notEqual(key(['a', '1']), key(['a', '2']));
  assert.notEqual(key(['a', '12']), key(['a1', '2']));
});

const reasons: [string, [string, string][], [string, string][], string | undefined][] = [
  ['a file', [['file a.c', '1']], [['file a.c', '2']], 'file a.c changed'],
  ['a new file', [], [['file a.c', '1']], 'file a.c is new'],
  ['a file gone', [['file a.c', '1']], [], 'file a.c is gone'],
  [
    'files before their sum',
    [
      ['file a.c', '1'],
      ['files and options', '1'],
    ],
    [
      ['file a.c', '2'],
      ['files and options', '2'],
    ],
    'file a.c changed',
  ],
  [
    'an argument before the step before',
    [
      ['step before', '1'],
      ['argument V', '1'],
    ],
    [
      ['step before', '2'],
      ['argument V', '2'],
    ],
    'argument V changed',
  ],
  ['the step before', [['step before', '1']], [['step before', '2']], 'step before changed'],
  [
    'many',
    [],
    [
      ['file a', '1'],
      ['file b', '1'],
      ['file c', '1'],
      ['file d', '1'],
      ['file e', '1'],
    ],
    'file a is new, file b is new, file c is new and 2 more',
  ],
  ['nothing', [['a', '1']], [['a', '1']], undefined],
];
for (const [name, before, now, want] of reasons)
  test(`why a step was not cached: ${name}`, () =>
    assert.equal(reasonOf(new Map(before), new Map(now)), want));

const key = 'sha256:00' as const;
const record = { key, layer: undefined, size: 0 };

test('two builds that need one step run it once, and both hear all of it', async () => {
  const steps = new SharedSteps();
  const go = Promise.withResolvers<void>();
  let runs = 0;
  const heard: [string[], string[]] = [[], []];
  const join = (who: 0 | 1) =>
    steps.run(
      key,
      async (tell) => {
        runs += 1;
        tell({ stream: 1, bytes: Buffer.from('early') });
        await go.promise;
        tell({ stream: 1, bytes: Buffer.from('late') });
        return record;
      },
      {
        listener: ({ bytes }) => void heard[who].push(bytes.toString()),
        signal: new AbortController().signal,
      },
    );
  const both = [join(0), join(1)];
  go.resolve();
  assert.deepEqual(await Promise.all(both), [record, record]);
  assert.equal(runs, 1);
  assert.deepEqual(heard, [
    ['early', 'late'],
    ['early', 'late'],
  ]);
  assert.equal(steps.has(key), false);
});

test('a step goes on while one of two builds waits, and ends with the last', async () => {
  const steps = new SharedSteps();
  let ended = false;
  const work = (_tell: unknown, signal: AbortSignal) =>
    new Promise<typeof record>((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        ended = true;
        reject(signal.reason);
      }),
    );
  const [first, second] = [new AbortController(), new AbortController()];
  const listener = () => undefined;
  const one = steps.run(key, work, { listener, signal: first.signal });
  const two = steps.run(key, work, { listener, signal: second.signal });
  first.abort(new Error('first goes'));
  await assert.rejects(one, /first goes/);
  assert.equal(ended, false);
  second.abort(new Error('second goes'));
  await assert.rejects(two, /second goes/);
  assert.equal(ended, true);
});
