import assert from 'node:assert/strict';
import test from 'node:test';
import type { EventMessage } from '#api/index.ts';
import { Events } from './events.ts';
import { matches } from './match.ts';

const at = (milliseconds: number) => new Date(milliseconds);

async function all(feed: AsyncIterable<EventMessage>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of feed) seen.push(`${event.Action} ${event.Actor?.ID}`);
  return seen;
}

test('an event in its wire form', async () => {
  const events = new Events({ now: () => at(1500) });
  events.publish({ type: 'container', action: 'start', id: 'abc', attributes: { name: 'web' } });
  const [event] = await Array.fromAsync(events.subscribe({ since: 0, until: 1500 }));
  assert.deepEqual(event, {
    Type: 'container',
    Action: 'start',
    Actor: { ID: 'abc', Attributes: { name: 'web' } },
    scope: 'local',
    time: 1,
    timeNano: 1_500_000_000,
  });
});

test('listening begins with subscribe, and what was before is replayed once', async () => {
  let now = 1000;
  const events = new Events({ now: () => at(now) });
  const publish = (id: string) => events.publish({ type: 'container', action: 'create', id });
  publish('1');
  now = 2000;
  publish('2');
  const abort = new AbortController();
  const feed = events.subscribe({ since: 1500, signal: abort.signal });
  now = 3000;
  publish('3');
  abort.abort();
  assert.deepEqual(await all(feed), ['create 2', 'create 3']);
  assert.equal(events.listeners, 0);
});

test('the feed forgets the oldest', async () => {
  const events = new Events({ remembered: 2 });
  for (const id of ['1', '2', '3']) events.publish({ type: 'image', action: 'pull', id });
  assert.deepEqual(await all(events.subscribe({ since: 0, until: 1 })), []);
  assert.deepEqual(await all(events.subscribe({ since: 0, until: Date.now() + 5 })), ['pull 2', 'pull 3']);
});

test('a slow reader loses itself, nobody else', async () => {
  const events = new Events({ patience: 2 });
  const slow = events.subscribe();
  const abort = new AbortController();
  const quick = all(events.subscribe({ signal: abort.signal }));
  for (const id of ['1', '2', '3', '4']) {
    events.publish({ type: 'image', action: 'pull', id });
    await Promise.resolve();
  }
  await new Promise(setImmediate);
  abort.abort();
  assert.equal((await quick).length, 4);
  assert.ok((await all(slow)).length <= 3);
});

const message: EventMessage = {
  Type: 'container',
  Action: 'exec_start: ls',
  Actor: { ID: 'abcdef', Attributes: { name: 'web', image: 'busybox:1', tier: 'front' } },
  scope: 'local',
  time: 0,
  timeNano: 0,
};
const filters: [Record<string, string[]>, boolean][] = [
  [{}, true],
  [{ type: ['container'] }, true],
  [{ type: ['image'] }, false],
  [{ event: ['exec_start'] }, true],
  [{ event: ['start'] }, false],
  [{ event: ['die', 'exec_start'] }, true],
  [{ container: ['abc'] }, true],
  [{ container: ['web'] }, true],
  [{ container: ['other'] }, false],
  [{ image: ['busybox'] }, true],
  [{ image: ['busybox:2'] }, false],
  [{ label: ['tier=front'] }, true],
  [{ label: ['tier', 'none'] }, false],
  [{ type: ['container'], event: ['die'] }, false],
];
for (const [filter, want] of filters) {
  test(`filter ${JSON.stringify(filter)}: ${want}`, () => assert.equal(matches(filter, message), want));
}

test('an event told aside reaches only those who name it, and is not remembered', async () => {
  const events = new Events();
  const all = events.subscribe();
  const named = events.subscribe({ filter: { event: ['step'] } });
  events.publish({
    type: 'container',
    action: 'step',
    id: 'c',
    attributes: { step: 'network' },
    aside: true,
  });
  events.publish({ type: 'container', action: 'start', id: 'c' });
  events.close();
  const actions = async (feed: AsyncIterable<{ Action?: string }>) => {
    const seen = [];
    for await (const { Action } of feed) seen.push(Action);
    return seen;
  };
  assert.deepEqual(await actions(all), ['start']);
  assert.deepEqual(await actions(named), ['step']);
  // two events of one millisecond are a nanosecond apart: the second is after the millisecond itself
  assert.deepEqual(await actions(events.subscribe({ since: 0, until: Date.now() + 1 })), ['start']);
});
