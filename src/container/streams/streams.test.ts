import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { DetachFilter, parseDetachKeys } from './detach-keys.ts';
import { LateStream } from './late-stream.ts';

const sequences: [string, number[]][] = [
  ['ctrl-p,ctrl-q', [16, 17]],
  ['a', [97]],
  ['ctrl-@,ctrl-[,z', [0, 27, 122]],
];
for (const [written, want] of sequences)
  test(`detach keys ${written}`, () => assert.deepEqual([...parseDetachKeys(written)], want));
for (const written of ['', 'ctrl-1', 'ctrl-', 'ab'])
  test(`refuses detach keys '${written}'`, () =>
    assert.throws(() => parseDetachKeys(written), { kind: 'invalid' }));

const typed: [string, string, boolean][] = [
  ['ls\r', 'ls\r', false],
  ['ls\x10\x11rest', 'ls', true],
  ['\x10x', '\x10x', false],
  ['\x10\x10\x11', '\x10', true],
];
for (const [input, want, isDetached] of typed) {
  test(`typing ${JSON.stringify(input)}, cut anywhere`, () => {
    for (let cut = 0; cut <= input.length; cut += 1) {
      const filter = new DetachFilter(parseDetachKeys('ctrl-p,ctrl-q'));
      const first = filter.pass(Buffer.from(input.slice(0, cut)));
      const second = first.isDetached ? undefined : filter.pass(Buffer.from(input.slice(cut)));
      const output = Buffer.concat([first.output, second?.output ?? Buffer.alloc(0)]).toString();
      assert.equal(output, want);
      assert.equal(first.isDetached || second?.isDetached === true, isDetached);
    }
  });
}

/** A process's stream, and its other side: what is written to it, and what it prints. */
function processStream() {
  const [stream, process] = duplexPair();
  return { stream, process };
}

test('what is written before the process exists reaches it, and the end too', async () => {
  const late = new LateStream();
  late.write('one ');
  late.end('two');
  const { process, stream } = processStream();
  late.connect(stream);
  // Collected by hand: `text` destroys a stream whose input has ended.
  const input: string[] = [];
  process.on('data', (bytes: Buffer) => input.push(bytes.toString()));
  await once(process, 'end');
  assert.equal(input.join(''), 'one two');
  process.end('printed');
  assert.equal(await text(late), 'printed');
});

test('a process that never comes: the reader meets the end', async () => {
  const late = new LateStream();
  late.write('x');
  late.giveUp();
  assert.equal(await text(late), '');
});

test('detaching ends the attachment alone', async () => {
  let detached = false;
  const filter = new DetachFilter(parseDetachKeys('ctrl-p,ctrl-q'));
  const late = new LateStream({ filter, onDetach: () => (detached = true) });
  const { process, stream } = processStream();
  late.connect(stream);
  process.write('before');
  late.write('\x10\x11');
  assert.match(await text(late), /^(before)?$/);
  assert.equal(detached, true);
});
