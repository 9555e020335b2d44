import assert from 'node:assert/strict';
import test from 'node:test';
import { parseAddress, shownAddress } from './address.ts';

const standard = { socket: '/run/hoist/hoist.sock', port: 2376 };
const cases: [text: string, shown: string][] = [
  ['unix://', 'unix:///run/hoist/hoist.sock'],
  ['unix:///tmp/a.sock', 'unix:///tmp/a.sock'],
  ['tcp://', 'tcp://127.0.0.1:2376'],
  ['tcp://0.0.0.0:99', 'tcp://0.0.0.0:99'],
  ['tcp://:99', 'tcp://127.0.0.1:99'],
  ['tcp://[::1]:99', 'tcp://[::1]:99'],
  ['127.0.0.1:99', 'tcp://127.0.0.1:99'],
];
for (const [text, shown] of cases) {
  test(`${text} is ${shown}`, () => assert.equal(shownAddress(parseAddress(text, standard)), shown));
}

for (const text of ['', 'fd://', 'foo://x', 'tcp://a:b', 'tcp://a:99999', 'tcp://a/b']) {
  test(`"${text}" is refused`, () =>
    assert.throws(() => parseAddress(text, standard), { message: `Invalid bind address format: ${text}` }));
}
