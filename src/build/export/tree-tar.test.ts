import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { readTar } from '#archive/read-tar.ts';
import { openTestContexts } from '../../../test/fixtures/opened-contexts.ts';
import { chunked, directory, fifo, file, hardLink, symlink, tar } from '../../../test/fixtures/tar.ts';
import type { Context } from '../context/context.ts';
import { treeTar } from './tree-tar.ts';

const held = await openTestContexts();
const { opened } = held;
let context: Context;

before(async () => {
  const bytes = tar(
    file('z', 'last', { mode: 0o4755, uid: 5, gid: 6, modified: { seconds: 9, nanoseconds: 1 } }),
    directory('d/e/', { mode: 0o700 }),
    file('d/e/f', 'x'.repeat(2_000_000)),
    file('d.txt', 'after d in bytes'),
    hardLink('d/again', 'z'),
    symlink('d/l', '../z'),
    fifo('p'),
  );
  const { id } = await opened.contexts.receive(chunked(bytes, 65_536));
  context = opened.store.open(id);
});

after(async () => {
  await context[Symbol.asyncDispose]();
  await held[Symbol.asyncDispose]();
});

/** `name type mode owner time size link`, one line each. */
async function membersOf(source: AsyncIterable<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { entry, body } of readTar(source)) {
    let size = 0;
    for await (const bytes of body) size += bytes.length;
    const { name, type, mode, uid, gid, modified, linkName } = entry;
    lines.push(
      `${name} ${type} ${mode.toString(8)} ${uid}:${gid} ${modified.seconds} ${size} ${linkName}`.trim(),
    );
  }
  return lines;
}

test('a whole context', async () => {
  assert.deepEqual(await membersOf(treeTar(context)), [
    'd/ directory 755 0:0 0 0',
    'd/again file 4755 0:0 0 4',
    'd/e/ directory 700 0:0 0 0',
    'd/e/f file 644 0:0 0 2000000',
    'd/l symlink 644 0:0 0 0 ../z',
    'd.txt file 644 0:0 0 16',
    'p fifo 644 0:0 0 0',
    'z hardLink 4755 0:0 0 0 d/again',
  ]);
});
