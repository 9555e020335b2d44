import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { encodeFrame, type Stream } from './frame.ts';
import { Converter, formatTime, type Selection } from './output.ts';
import { type LogQuery, readLogs } from './read.ts';

const all: Selection = { stdout: true, stderr: true, timestamps: false, framed: false };
const second = 1_000_000_000n;

const piece = (text: string, stream: Stream = 1, at = 0n) =>
  encodeFrame({ stream, nanoseconds: at, payload: text });
const line = (text: string, stream: Stream = 1, at = 0n) => piece(`${text}\n`, stream, at);
const convert = (bytes: Buffer, selection: Selection) => new Converter(selection).convert(bytes);

let folder: string;
let path: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoist-logs-'));
  path = join(folder, 'log');
});
after(() => rm(folder, { recursive: true, force: true }));

async function text(query: Partial<LogQuery>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readLogs(path, { ...all, ...query })) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test('frames cut at any byte: what is whole is converted, the rest is left', () => {
  const bytes = Buffer.concat([line('one'), line('two', 2), piece('three')]);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    for (const selection of [all, { ...all, timestamps: true }]) {
      const converter = new Converter(selection);
      const head = converter.convert(bytes.subarray(0, cut));
      const rest = converter.convert(bytes.subarray(head.used));
      const whole = convert(bytes, selection);
      assert.deepEqual(Buffer.concat([head.output, rest.output]), whole.output);
    }
  }
});

test('the bulk path and the choosing path agree', () => {
  const bytes = Buffer.concat([line('one'), line('two', 2), line('', 1), piece('piece')]);
  for (const framed of [false, true]) {
    const chosen = convert(bytes, { ...all, framed, since: -1n }).output;
    assert.deepEqual(convert(bytes, { ...all, framed }).output, chosen);
  }
});

test('output in Docker frames has stream and big-endian length', () => {
  const { output } = convert(line('hi', 2), { ...all, framed: true });
  assert.deepEqual([...output], [2, 0, 0, 0, 0, 0, 0, 3, 0x68, 0x69, 0x0a]);
});

test('a time has nine digits', () => {
  assert.equal(formatTime(1_700_000_000n * second + 5n), '2023-11-14T22:13:20.000000005Z');
});

test('selection by stream and time', async () => {
  await writeFile(
    path,
    Buffer.concat([line('a', 1, second), line('b', 2, 2n * second), line('c', 1, 3n * second)]),
  );
  assert.equal(await text({ stderr: false }), 'a\nc\n');
  assert.equal(await text({ since: 2n * second }), 'b\nc\n');
  assert.equal(await text({ until: 2n * second }), 'a\nb\n');
  assert.equal(await text({ timestamps: true, since: 3n * second }), '1970-01-01T00:00:03.000000000Z c\n');
});

test('every line of a frame has its time, a continued one the time of its beginning', async () => {
  await writeFile(
    path,
    Buffer.concat([piece('a\nb\nc', 1, second), line('x', 2, second), piece('d\ne\n', 1, second)]),
  );
  const at = '1970-01-01T00:00:01.000000000Z';
  assert.equal(await text({ timestamps: true, stderr: false }), `${at} a\n${at} b\n${at} cd\n${at} e\n`);
});

test('tail may begin in the middle of a frame', async () => {
  await writeFile(path, Buffer.concat([piece('1\n2\n3\n'), piece('4\n5\n'), piece('6\n7')]));
  for (const [tail, want] of [
    [1, '7'],
    [2, '6\n7'],
    [3, '5\n6\n7'],
    [5, '3\n4\n5\n6\n7'],
    [7, '1\n2\n3\n4\n5\n6\n7'],
    [8, '1\n2\n3\n4\n5\n6\n7'],
  ] as const)
    assert.equal(await text({ tail }), want);
});

test('a log that does not exist is empty', async () => {
  await rm(path, { force: true });
  assert.equal(await text({}), '');
  assert.equal(await text({ tail: 3 }), '');
});

test('tail counts lines from the end, across rotated files, pieces of a line once', async () => {
  await writeFile(`${path}.2`, line('oldest'));
  await writeFile(`${path}.1`, Buffer.concat([line('one'), line('two')]));
  await writeFile(path, Buffer.concat([piece('th'), line('ree'), piece('fo')]));
  assert.equal(await text({}), 'oldest\none\ntwo\nthree\nfo');
  assert.equal(await text({ tail: 0 }), '');
  assert.equal(await text({ tail: 1 }), 'fo');
  assert.equal(await text({ tail: 2 }), 'three\nfo');
  assert.equal(await text({ tail: 3 }), 'two\nthree\nfo');
  assert.equal(await text({ tail: 99 }), 'oldest\none\ntwo\nthree\nfo');
  await rm(`${path}.1`);
  await rm(`${path}.2`);
});

test('tail of a file whose last frame is torn', async () => {
  const torn = line('torn');
  for (let cut = 1; cut < torn.length; cut += 1) {
    await writeFile(path, Buffer.concat([line('one'), line('two'), torn.subarray(0, cut)]));
    assert.equal(await text({ tail: 1 }), 'two\n');
  }
});

test('a frame longer than a chunk is read whole', async () => {
  const long = 'x'.repeat(3 << 20);
  await writeFile(path, Buffer.concat([line('one'), line(long), line('end')]));
  assert.equal((await text({})).length, long.length + 1 + 8);
  assert.equal(await text({ tail: 1 }), 'end\n');
});

test('follow sees every line, over rotations, and ends after the last', async () => {
  await rm(path, { force: true });
  const { promise: follow, resolve: end } = Promise.withResolvers<void>();
  const reading = text({ follow });
  let want = '';
  for (let number = 0; number < 300; number += 1) {
    const frame = line(`line ${number}`);
    await appendFile(path, frame.subarray(0, 9));
    await appendFile(path, frame.subarray(9));
    if (number % 50 === 49) {
      await rename(`${path}.1`, `${path}.2`).catch(() => undefined);
      await rename(path, `${path}.1`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    want += `line ${number}\n`;
  }
  end();
  assert.equal(await reading, want);
});

test('follow waits for a log that has no folder yet, and shows all of it whatever the tail', async () => {
  const late = join(folder, 'late', 'log');
  const { promise: follow, resolve: end } = Promise.withResolvers<void>();
  const pieces: Uint8Array[] = [];
  const seen = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const piece of readLogs(late, { ...all, follow, tail: 1 })) {
      pieces.push(piece);
      if (Buffer.concat(pieces).toString().endsWith('3\n')) seen.resolve();
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await mkdir(join(folder, 'late'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await appendFile(late, Buffer.concat([line('1'), line('2')]));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await appendFile(late, line('3'));
  await seen.promise;
  end();
  await reading;
  assert.equal(Buffer.concat(pieces).toString(), '1\n2\n3\n');
});

test('an aborted follow ends', async () => {
  const abort = new AbortController();
  const reading = text({ follow: new Promise(() => undefined), signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await reading;
});

test('nothing is watched once a reader has gone, whenever what it followed ends', async () => {
  const { promise: follow, resolve: end } = Promise.withResolvers<void>();
  const gone = new AbortController();
  const reading = (async () => {
    for await (const _ of readLogs(join(folder, 'never', 'log'), { ...all, follow, signal: gone.signal }));
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  gone.abort();
  await reading;
  end();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length, 0);
});
