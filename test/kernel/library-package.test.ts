import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { root } from '../fixtures/engines.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';

test('a program with the package among its dependencies opens an engine', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dependent-'));
  try {
    const installed = join(folder, 'node_modules/hoist');
    mkdirSync(installed, { recursive: true });
    cpSync(join(root, 'package.json'), join(installed, 'package.json'));
    cpSync(join(root, 'dist/lib'), join(installed, 'dist/lib'), { recursive: true });
    symlinkSync(join(root, 'build'), join(installed, 'build'));
    writeFileSync(
      join(folder, 'program.mjs'),
      `import { openEngine } from 'hoist';
       import { connect } from 'hoist/client';
       await using engine = await openEngine({ dataRoot: ${JSON.stringify(`${folder}/data`)}, runRoot: ${JSON.stringify(`${folder}/run`)}, bridge: 'none', cgroupParent: '/hoist-dependent' });
       console.log(JSON.stringify(await engine.containers.views.list({ all: true })), typeof connect);`,
    );
    const printed = execFileSync(process.execPath, [join(folder, 'program.mjs')], { encoding: 'utf8' });
    assert.equal(printed, '[] function\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
