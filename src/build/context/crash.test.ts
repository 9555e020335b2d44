import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { type Digest, digestOf } from '#oci/digest.ts';
import { Database } from '#state/database.ts';
import { pathsOf } from '#state/paths.ts';
import { Packs } from './packs.ts';

const script = join(import.meta.dirname, '../../../test/fixtures/context-steps.ts');

/** Runs steps in a process of their own, killed at a place. @returns the contents acknowledged before */
async function killed(root: string, verb: string, at: string): Promise<Digest[]> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const env: NodeJS.ProcessEnv = { ...process.env, HOIST_CRASH_AT: at };
  const child = execFile(process.execPath, [script, root, verb], { env }, (_, stdout) => resolve(stdout));
  const lines = (await promise).split('\n').filter((line) => line !== '');
  assert.equal(child.signalCode, 'SIGKILL', `it ended by itself: ${lines.join(' ')}`);
  return lines as Digest[];
}

/** After boot every content that is recorded is whole, and there is no other file. */
async function recordedAfterBoot(root: string): Promise<Set<string>> {
  const paths = pathsOf({ dataRoot: root, runRoot: join(root, 'run') });
  using database = new Database(paths.database);
  const packs = new Packs({ database, paths, now: () => new Date() });
  await packs.recover();
  const recorded = new Set<string>();
  for (const { digest } of database.all<{ digest: Digest }>('SELECT digest FROM build_file')) {
    assert.equal(digestOf(Buffer.concat(await Array.fromAsync(packs.open(digest)))), digest);
    recorded.add(digest);
  }
  const names = database.all<{ name: string }>('SELECT name FROM build_pack').map(({ name }) => name);
  assert.deepEqual((await readdir(paths.buildFolder('packs'))).sort(), names.sort());
  await packs.close();
  return recorded;
}

const places: readonly (readonly [verb: string, at: string, kept: readonly string[]])[] = [
  ['send', 'context.packWritten', []],
  ['send', 'context.packRecorded', ['one', 'two']],
  ['rewrite', 'context.packForgotten', ['one', 'two']],
  ['rewrite', 'context.rewritten', ['one', 'two']],
  ['rewrite', 'context.dropped', ['one', 'two']],
];

for (const [verb, at, kept] of places)
  test(`killed in ${verb} at ${at}`, async () => {
    const root = await mkdtemp(join(tmpdir(), 'context-crash-'));
    try {
      const acknowledged = await killed(root, verb, at);
      const recorded = await recordedAfterBoot(root);
      for (const content of kept) assert.ok(recorded.has(digestOf(content)), `${content} is lost`);
      if (verb === 'send') for (const digest of acknowledged) assert.ok(recorded.has(digest));
      if (kept.length === 0) assert.equal(recorded.size, 0);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
