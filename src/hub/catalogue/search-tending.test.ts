import assert from 'node:assert/strict';
import test from 'node:test';
import { createLog } from '#base/log.ts';
import { SearchTending } from './search-tending.ts';

test('an index is tended at once and then every 30 s, in steps for as long as there is something to do; a failure ends none of it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const lines: string[] = [];
  const log = createLog({ level: 'error', write: (line) => lines.push(line) });
  const steps = [true, true, false, new Error('full'), false];
  let made = 0;
  const tend = async (): Promise<boolean> => {
    const step = steps[made++] ?? false;
    if (step instanceof Error) throw step;
    return step;
  };
  const pass = async (milliseconds: number): Promise<number> => {
    t.mock.timers.tick(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
    return made;
  };
  const tending = new SearchTending({ tend }, log);
  assert.equal(await pass(19), 0);
  assert.equal(await pass(1), 1);
  assert.equal(await pass(20), 2);
  assert.equal(await pass(20), 3);
  assert.equal(await pass(29_999), 3);
  assert.equal(await pass(1), 4);
  assert.match(lines.join(), /full/);
  assert.equal(await pass(30_000), 5);
  await tending[Symbol.asyncDispose]();
  assert.equal(await pass(60_000), 5);
});

test('it ends with the step that is being made', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let made = 0;
  const tend = (): Promise<boolean> => {
    made += 1;
    return promise;
  };
  const log = createLog({ level: 'error', write: () => undefined });
  const tending = new SearchTending({ tend }, log);
  t.mock.timers.tick(30_000);
  let isEnded = false;
  const ended = tending[Symbol.asyncDispose]().then(() => {
    isEnded = true;
  });
  await new Promise((done) => setImmediate(done));
  assert.equal(isEnded, false);
  resolve(true);
  await ended;
  t.mock.timers.tick(60_000);
  assert.equal(made, 1);
});
