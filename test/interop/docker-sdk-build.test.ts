import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import {
  importBusybox,
  root,
  slowness,
  startDockerd,
  startHoistd,
  type TestEngine,
  which,
} from '../fixtures/engines.ts';

/** `images.build` of Docker's SDK for Python, in all its forms: what it says and raises, beside dockerd. */

const absent = spawnSync('python3', ['-c', 'import docker']).status !== 0;
const skip = absent
  ? 'not installed: the Python package docker'
  : !which('dockerd') && 'not installed: dockerd';

/** Calls that come out otherwise, on purpose, and why. */
const differences: Readonly<Record<string, string>> = {
  'a custom context that is none':
    "what is no tar is the client's mistake, and is answered so; dockerd answers 500",
  squash: 'it needs no experimental mode',
};

/** What a call printed, by its name; what comes before any call is that of none. */
async function calls(engine: TestEngine): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'sdk-build-'));
  try {
    const script = join(root, 'test/fixtures/sdk-build.py');
    const limit = ['--kill-after=2', String(120 * slowness), 'python3', script, engine.socket, folder];
    const child = spawn('timeout', limit, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
    const ended = once(child, 'close');
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = (await ended) as [number | null];
    assert.deepEqual([code, err], [0, ''], out);
    const parts = out.split(/^== (.*)\n/m);
    return new Map(parts.flatMap((name, at) => (at % 2 === 1 ? [[name, parts[at + 1]!] as const] : [])));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("builds by Docker's SDK for Python", { skip }, async (t) => {
  await using ours = await startHoistd();
  await using theirs = await startDockerd();
  for (const engine of [ours, theirs]) importBusybox(engine);
  const [told, wanted] = await Promise.all([calls(ours), calls(theirs)]);
  assert.deepEqual([...told.keys()], [...wanted.keys()]);
  for (const [name, text] of wanted)
    await t.test(name, () => {
      if (name in differences) assert.notEqual(told.get(name), text, `the same: ${differences[name]}`);
      else assert.equal(told.get(name), text);
    });
  assert.deepEqual(
    Object.keys(differences).filter((name) => !wanted.has(name)),
    [],
  );
});
