import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildEvent } from '#api/index.ts';
import { EventQueue } from './event-queue.ts';

const log = (data: string): BuildEvent => ({ kind: 'log', id: 1, stream: 1, data });
const begin: BuildEvent = { kind: 'begin', id: 1, at: '' };

async function all(queue: EventQueue): Promise<BuildEvent[]> {
  const events: BuildEvent[] = [];
  for await (const event of queue.read(async () => undefined)) events.push(event);
  return events;
}

test('what is pushed is read in order, early and late', async () => {
  const queue = new EventQueue();
  queue.push(begin);
  const reading = all(queue);
  await new Promise(setImmediate);
  queue.push(log('YQ=='));
  queue.end();
  assert.deepEqual(await reading, [begin, log('YQ==')]);
});

test('of a reader who is far behind the output is clipped, and nothing else', async () => {
  const queue = new EventQueue();
  const piece = 'A'.repeat(1 << 20);
  for (let count = 0; count < 40; count += 1) queue.push(log(piece));
  queue.push({ kind: 'end', id: 1, at: '', outcome: 'done', milliseconds: 1 });
  queue.end();
  const events = await all(queue);
  const pieces = events.filter((event) => event.kind === 'log' && event.data === piece);
  assert.ok(pieces.length >= 16 && pieces.length < 20, String(pieces.length));
  const notes = events.filter((event) => event.kind === 'log' && event.data !== piece);
  assert.equal(notes.length, 1);
  assert.equal(events.at(-1)?.kind, 'end');
});

test('who leaves early is told of', async () => {
  const queue = new EventQueue();
  queue.push(begin);
  let left = false;
  for await (const _ of queue.read(async () => {
    left = true;
  }))
    break;
  assert.equal(left, true);
});
