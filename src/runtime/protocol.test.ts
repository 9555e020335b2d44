import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as protocol from './protocol.ts';

const header = readFileSync(join(import.meta.dirname, '../../native/protocol.h'), 'utf8');

/** `enum op { OP_LOG = 2 }` as `{ OP: { LOG: 2 } }`. */
function enumerations(text: string): Record<string, Record<string, number>> {
  const found: Record<string, Record<string, number>> = {};
  for (const [, name, body] of text.matchAll(/^enum (\w+) \{$([^}]*)^\};$/gm)) {
    const prefix = name!.toUpperCase();
    const constants = [...body!.matchAll(/^ {2}([A-Z0-9_]+) = (0x[0-9a-f]+|\d+),/gm)];
    assert.ok(constants.length > 0, `enum ${name} has no constants`);
    found[prefix] = Object.fromEntries(
      constants.map(([, key, value]) => {
        assert.ok(key!.startsWith(`${prefix}_`), `${key} of enum ${name}`);
        return [key!.slice(prefix.length + 1), Number(value)];
      }),
    );
  }
  return found;
}

test('every number of protocol.h is mirrored, and no other', () => {
  assert.deepEqual({ ...protocol }, enumerations(header));
});

test('no operation or message is numbered twice', () => {
  for (const table of [protocol.OP, protocol.MESSAGE]) {
    const numbers = Object.values(table);
    assert.equal(new Set(numbers).size, numbers.length);
  }
});
