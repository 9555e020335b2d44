import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePlatform, formatPlatform, hostPlatform, parsePlatform } from './platform.ts';

const parsed: [text: string, want: string][] = [
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['linux/amd64/v1', 'linux/amd64'],
  ['linux/amd64/v3', 'linux/amd64/v3'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['Linux/aarch64', 'linux/arm64'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/arm/6', 'linux/arm/v6'],
  ['armhf', 'linux/arm/v7'],
  ['armel', 'linux/arm/v6'],
  ['s390x', 'linux/s390x'],
  ['linux', formatPlatform(hostPlatform)],
];
for (const [text, want] of parsed)
  test(`the platform ${text}`, () => assert.equal(formatPlatform(parsePlatform(text)), want));

for (const text of ['', 'nosuch', 'a/b/c/d', 'linux//v8', 'linux/amd64/', 'li nux/amd64'])
  test(`no platform: ${JSON.stringify(text)}`, () =>
    assert.throws(() => parsePlatform(text), { kind: 'invalid' }));

const choices: [wanted: string, offered: string[], want: string | undefined][] = [
  ['linux/amd64', ['linux/arm64', 'linux/amd64'], 'linux/amd64'],
  ['linux/amd64', ['linux/386'], 'linux/386'],
  ['linux/amd64', ['linux/amd64/v3'], undefined],
  ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2'], 'linux/amd64/v2'],
  ['linux/arm64', ['linux/arm/v7', 'linux/arm64/v8'], 'linux/arm64/v8'],
  ['linux/arm64', ['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7'],
  ['linux/arm/v6', ['linux/arm/v7', 'linux/arm/v5'], 'linux/arm/v5'],
  ['linux/riscv64', ['linux/amd64'], undefined],
  ['windows/amd64', ['linux/amd64'], undefined],
];
for (const [wanted, offered, want] of choices) {
  test(`${wanted} of ${offered.join(', ')}`, () => {
    const candidates = offered.map((text) => {
      const [os = '', architecture = '', variant] = text.split('/');
      return { text, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
    });
    assert.equal(choosePlatform(candidates, parsePlatform(wanted))?.text, want);
  });
}

test('attestations are never chosen', () => {
  assert.equal(
    choosePlatform([{ platform: { os: 'unknown', architecture: 'unknown' } }, {}], hostPlatform),
    undefined,
  );
});
