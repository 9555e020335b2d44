import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import {
  importBusybox,
  installed,
  root,
  startDockerd,
  startHoistd,
  type TestEngine,
} from '../fixtures/engines.ts';

/** `hoist` on a real terminal: keys, sizes, signals. `HOIST_TEST_ENGINE=dockerd` takes the reference daemon. */
const engineName = process.env['HOIST_TEST_ENGINE'] ?? 'hoistd';
const missing = ['python3', 'docker', ...(engineName === 'dockerd' ? ['dockerd'] : [])].find(
  (program) => !installed(program),
);
const skip = missing === undefined ? false : `${missing} is not installed`;
const hoist = join(root, 'bin/hoist');
let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await (engineName === 'dockerd' ? startDockerd() : startHoistd());
  importBusybox(engine);
});
after(() => engine?.[Symbol.asyncDispose]());

type Step =
  | readonly ['expect' | 'send', string]
  | readonly ['size', number, number]
  | readonly ['sleep', number];

interface Played {
  readonly output: string;
  readonly missing: readonly string[];
  readonly code: number | null;
}

function play(
  args: readonly string[],
  script: readonly Step[],
  env: Readonly<Record<string, string>> = {},
): Played {
  const input = JSON.stringify({ command: [hoist, '-H', engine.host, ...args], script, env });
  const done = spawnSync('python3', [join(root, 'test/fixtures/terminal.py')], { input, encoding: 'utf8' });
  return JSON.parse(done.stdout) as Played;
}

const quiet = (...args: string[]) => execFileSync(hoist, ['-H', engine.host, ...args], { encoding: 'utf8' });

test('a shell: size, another size, Ctrl-C, exit code', { skip }, () => {
  const played = play(
    ['run', '-it', '--rm', 'busybox', 'sh'],
    [
      ['expect', '/ # '],
      ['send', 'stty size\n'],
      ['expect', '33 101'],
      ['size', 20, 77],
      ['sleep', 0.5],
      ['send', 'stty size\n'],
      ['expect', '20 77'],
      ['send', 'sleep 50\n'],
      ['sleep', 0.5],
      ['send', '\x03'],
      ['expect', '/ # '],
      ['send', 'exit 7\n'],
    ],
  );
  assert.deepEqual(played.missing, []);
  assert.equal(played.code, 7);
  assert.ok(!played.output.includes('\r\r\n'), 'line ends come through as they are');
});

// the reference is older than the size in a new container's configuration
test('the size is there from the first moment', {
  skip: skip || (engineName === 'dockerd' && 'dockerd 20.10'),
}, () => {
  const { output } = play(['run', '-it', '--rm', 'busybox', 'stty', 'size'], []);
  assert.equal(output, '33 101\r\n');
});

test('detach keys leave it running; attach shows it again', { skip }, () => {
  const first = play(
    ['run', '-it', '--name', 'left', 'busybox', 'sh'],
    [
      ['expect', '/ # '],
      ['sleep', 0.3],
      ['send', '\x10\x11'],
    ],
  );
  assert.deepEqual([first.missing, first.code], [[], 0]);
  const again = play(
    ['attach', 'left'],
    [
      ['expect', '/ # '],
      ['send', 'echo ag""ain\n'],
      ['expect', 'again'],
      ['send', '\x10\x11'],
    ],
  );
  assert.deepEqual([again.missing, again.code], [[], 1]);
  assert.match(again.output, /read escape sequence/);
  const other = play(
    ['attach', '--detach-keys', 'ctrl-x,q', 'left'],
    [
      ['expect', '/ # '],
      ['send', '\x10\x11'],
      ['sleep', 0.3],
      ['send', '\x18q'],
    ],
  );
  assert.deepEqual([other.missing, other.code], [[], 1]);
  assert.equal(quiet('inspect', '-f', '{{.State.Running}}', 'left').trim(), 'true');
});

test('exec on a terminal', { skip }, () => {
  const played = play(
    ['exec', '-it', 'left', 'sh'],
    [
      ['expect', '/ # '],
      ['send', 'stty size; tty\n'],
      ['expect', '33 101'],
      ['expect', '/dev/pts/'],
      ['send', 'exit 3\n'],
    ],
  );
  assert.deepEqual([played.missing, played.code], [[], 3]);
  quiet('rm', '-f', 'left');
});

test('without a terminal there, Ctrl-C goes to the process', { skip }, () => {
  const command = 'trap "echo got; exit 5" INT; echo ready; while :; do sleep 0.1; done';
  const played = play(
    ['run', '--rm', 'busybox', 'sh', '-c', command],
    [
      ['expect', 'ready'],
      ['sleep', 0.3],
      ['send', '\x03'],
      ['expect', 'got'],
    ],
  );
  assert.deepEqual([played.missing, played.code], [[], 5]);
});

test('start -a -i takes up a shell', { skip }, () => {
  quiet('create', '-it', '--name', 'again', 'busybox', 'sh');
  const played = play(
    ['start', '-a', '-i', 'again'],
    [
      ['expect', '/ # '],
      ['send', 'exit 4\n'],
    ],
  );
  assert.deepEqual([played.missing, played.code], [[], 4]);
  quiet('rm', 'again');
});

test('the terminal is given back', { skip }, () => {
  const command = `'${hoist}' -H ${engine.host} run -it --rm busybox true; stty -a`;
  const input = JSON.stringify({ command: ['sh', '-c', command], script: [], env: {} });
  const done = spawnSync('python3', [join(root, 'test/fixtures/terminal.py')], { input, encoding: 'utf8' });
  const { output } = JSON.parse(done.stdout) as Played;
  for (const setting of ['icanon', 'echo', 'isig', 'opost'])
    assert.match(output, new RegExp(`[ \\n]${setting}\\b`));
});

test('a table is for eyes: --help fits the terminal', { skip }, () => {
  const { output } = play(['run', '--help'], []);
  assert.ok(output.split('\r\n').every((line) => line.length <= 101));
  assert.ok(output.split('\r\n').some((line) => line.length > 80));
});
