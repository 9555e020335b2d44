import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import test from 'node:test';
import { installed, startDockerd } from '../fixtures/engines.ts';
import { hostileLayers } from '../fixtures/hostile-layers.ts';
import { isRoot } from '../fixtures/snapshotter-contract.ts';
import { treeOf } from '../fixtures/tree.ts';

const duplicates =
  'dockerd cannot make such a tar again, so it refuses what every tar program writes: we can, and take it';
const literal =
  'dockerd follows the name as from a root directory; a layer whose names say otherwise is not well meant';

/** Where we do otherwise than dockerd, and why. */
const differences: Readonly<Record<string, string>> = {
  '`..` that leaves the root': literal,
  '`..` that leaves the root, further in': literal,
  'a whiteout that leaves the root': literal,
  'a whiteout of `..`': 'dockerd fails to make it; it hides nothing, so we pass over it',
  'a file over a link replaces the link': duplicates,
  'a directory over a link replaces the link': duplicates,
  'a file written over a hard link leaves the other name': duplicates,
  'a hard link to itself': 'dockerd removes the file first; tar programs leave it as it is, and so do we',
  'a root that is no directory': 'dockerd passes over it; a root that is a file is no root file system',
  'a root that is a link': 'dockerd passes over it; a root that is a link is no root file system',
  'the last of several entries wins': duplicates,
  'a file over a directory, a directory over a file': duplicates,
  'overlayfs’s own attributes are left out':
    'dockerd sets them: a layer could then show files of another name',
  'attributes that no file system has are left out': 'dockerd leaves out some and fails on others',
  'no end of directories':
    'dockerd makes directories as deep as PATH_MAX lets it; ours is a limit against bombs',
};

/** Not tried on dockerd: it reads through terabytes of holes, for hours. */
const endless = /^a sparse file/;

const skip = !isRoot
  ? 'needs root'
  : !installed('dockerd') || !installed('docker')
    ? 'dockerd: not installed'
    : false;

test('hostile layers end as in dockerd, but for what is listed', { skip, timeout: 300_000 }, async () => {
  await using engine = await startDockerd();
  const docker = (...args: string[]) => ['-H', engine.host, ...args];
  const found: string[] = [];
  for (const [what, bytes, outcome] of hostileLayers.filter(([name]) => !endless.test(name))) {
    const imported = spawnSync('docker', docker('import', '-', 'hostile'), {
      input: bytes,
      encoding: 'utf8',
    });
    if (imported.status !== 0) {
      if (!(outcome instanceof RegExp)) found.push(what);
      continue;
    }
    const format = '{{.GraphDriver.Data.UpperDir}}';
    const inspect = docker('image', 'inspect', '-f', format, 'hostile');
    const tree = treeOf(execFileSync('docker', inspect, { encoding: 'utf8' }).trim()).slice(1);
    if (outcome instanceof RegExp || JSON.stringify(tree) !== JSON.stringify(outcome)) found.push(what);
  }
  assert.deepEqual(found.sort(), Object.keys(differences).sort());
});
