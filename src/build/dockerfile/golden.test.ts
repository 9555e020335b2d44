import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseDockerfile } from './parse.ts';
import type { Location } from './syntax.ts';

// UPDATE_GOLDEN=1 writes the trees anew; their difference is to be read like code
const rewrite = Boolean(process.env['UPDATE_GOLDEN']);
const directory = join(import.meta.dirname, 'golden');

for (const file of readdirSync(directory).filter((name) => name.endsWith('.Dockerfile'))) {
  test(`the tree of ${file}`, () => {
    const golden = join(directory, file.replace(/Dockerfile$/, 'json'));
    const tree = treeOf(readFileSync(join(directory, file)));
    if (rewrite) writeFileSync(golden, tree);
    assert.equal(tree, readFileSync(golden, 'utf8'));
  });
}

/** Without the lines, which are the file's; locations are `line:column-line:column`. */
function treeOf(bytes: Uint8Array): string {
  const { lines: _, ...tree } = parseDockerfile(bytes);
  const short = (key: string, value: unknown): unknown =>
    key === 'location' ? shortLocation(value as Location) : value;
  return `${JSON.stringify(tree, short, 1)}\n`;
}

const shortLocation = ({ start, end }: Location): string =>
  `${start.line}:${start.column}-${end.line}:${end.column}`;
