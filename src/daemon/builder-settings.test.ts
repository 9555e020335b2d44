import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builderPolicy } from './builder-settings.ts';

const cases: [string, unknown, unknown][] = [
  ['nothing', {}, {}],
  [
    'off',
    { gc: { enabled: false } },
    { maxUsedSpace: 0, minFreeSpace: 0, reservedSpace: 0, unusedSeconds: 0 },
  ],
  [
    'a size to keep',
    { gc: { enabled: true, defaultKeepStorage: '1GB' } },
    { reservedSpace: 2 ** 30, maxUsedSpace: 2 ** 30 },
  ],
  [
    'each space',
    { gc: { defaultReservedSpace: 1, defaultMaxUsedSpace: '3', defaultMinFreeSpace: '2k' } },
    { reservedSpace: 1, maxUsedSpace: 3, minFreeSpace: 2048 },
  ],
  [
    'rules',
    {
      gc: {
        policy: [
          { keepStorage: '1k', filter: ['unused-for=48h'] },
          { keepStorage: '2k', all: true },
        ],
      },
    },
    { reservedSpace: 2048, maxUsedSpace: 2048, unusedSeconds: 172_800 },
  ],
];
for (const [name, value, want] of cases)
  test(`builder of daemon.json: ${name}`, () => assert.deepEqual(builderPolicy(value), want));

for (const value of [3, { gc: [] }, { gc: { defaultKeepStorage: true } }])
  test(`builder of daemon.json refused: ${JSON.stringify(value)}`, () =>
    assert.throws(() => builderPolicy(value), { kind: 'invalid' }));
