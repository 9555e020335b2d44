import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InsecureHosts, isLoopback } from './insecure.ts';

const listed = ['registry.local:5000', 'plain.local', 'http://old.local', '10.0.0.0/8', 'fd00::/8'];
const cases: [host: string, want: boolean][] = [
  ['localhost:5000', true],
  ['127.0.0.1:5000', true],
  ['127.8.9.1', true],
  ['[::1]:5000', true],
  ['registry.local:5000', true],
  ['registry.local:5001', false],
  ['plain.local:1234', true],
  ['old.local', true],
  ['10.1.2.3:5000', true],
  ['11.1.2.3:5000', false],
  ['[fd00::1]:5000', true],
  ['[fe00::1]:5000', false],
  ['registry.invalid', false],
];
for (const [host, want] of cases) {
  test(`${host} is ${want ? '' : 'not '}insecure`, async () => {
    const url = new URL(`https://${host}`);
    assert.equal(await new InsecureHosts(listed).has(url), want);
  });
}

for (const entry of ['10.0.0.0/33', 'name/8', '10.0.0.0/', '::/129'])
  test(`no network: ${entry}`, () => assert.throws(() => new InsecureHosts([entry]), { kind: 'invalid' }));

test('loopback by name alone', () => {
  assert.ok(isLoopback(new URL('http://localhost')));
  assert.ok(isLoopback(new URL('http://[::1]:5')));
  assert.ok(!isLoopback(new URL('http://localhost.example')));
  assert.ok(!isLoopback(new URL('http://128.0.0.1')));
});
