import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildCache } from '#api/index.ts';
import type { Filters } from '#events/filters.ts';
import { pruneFilter } from './prune-filters.ts';

const now = new Date('2026-05-06T12:00:00Z');

const record = (ID: string, Type: string, more: Partial<BuildCache> = {}): BuildCache => ({
  ...{ ID, Type, Description: `RUN ${ID}`, InUse: false, Shared: false, Size: 1 },
  ...{ CreatedAt: '', LastUsedAt: '', UsageCount: 1, ...more },
});

const records = [
  record('abc1', 'regular'),
  record('abc2', 'regular', { Shared: true }),
  record('deps', 'exec.cachemount', { InUse: true }),
];

const matching: readonly (readonly [Filters, string])[] = [
  [{}, 'abc1 abc2 deps'],
  [{ until: ['1h'] }, 'abc1 abc2 deps'],
  [{ id: ['abc'] }, 'abc1 abc2'],
  [{ id: ['bc2'] }, 'abc2'],
  [{ 'id!': ['abc1'] }, 'abc2 deps'],
  [{ type: ['regular'] }, 'abc1 abc2'],
  [{ type: ['regul'] }, ''],
  [{ 'type!': ['regular'] }, 'deps'],
  [{ 'type~': ['cache'] }, 'deps'],
  [{ description: ['RUN deps'] }, 'deps'],
  [{ description: ['deps'] }, ''],
  [{ 'description~': ['RUN abc'] }, 'abc1 abc2'],
  [{ parent: ['x'] }, ''],
  [{ inuse: ['true'] }, 'deps'],
  [{ inuse: [] }, 'deps'],
  [{ inuse: ['false'] }, 'abc1 abc2'],
  [{ shared: ['1'] }, 'abc2'],
  [{ private: ['true'] }, 'abc1 deps'],
  [{ private: ['true'], type: ['regular'] }, 'abc1'],
];
for (const [filters, want] of matching)
  test(`a prune of ${JSON.stringify(filters)}`, () => {
    const { matches } = pruneFilter(filters, now);
    const found = records.filter((each) => matches(each)).map(({ ID }) => ID);
    assert.equal(found.join(' '), want);
  });

const ages: readonly (readonly [Filters, string | undefined])[] = [
  [{}, undefined],
  [{ until: ['1h30m'] }, '2026-05-06T10:30:00.000Z'],
  [{ 'unused-for': ['24h'] }, '2026-05-05T12:00:00.000Z'],
  [{ until: ['1700000000'] }, '2023-11-14T22:13:20.000Z'],
  [{ until: ['2026-01-02T03:04:05Z'] }, '2026-01-02T03:04:05.000Z'],
];
for (const [filters, want] of ages)
  test(`a prune by age ${JSON.stringify(filters)}`, () =>
    assert.equal(pruneFilter(filters, now).before?.toISOString(), want));

const refused: readonly (readonly [Filters, string])[] = [
  [{ nosuch: ['x'] }, "invalid filter 'nosuch'"],
  [{ constructor: ['x'] }, "invalid filter 'constructor'"],
  [{ 'inuse!': ['x'] }, "invalid filter 'inuse!'"],
  [{ type: ['a', 'b'] }, 'filters expect only one value'],
  [{ until: ['1h', '2h'] }, 'filters expect only one value'],
  [{ until: ['1h'], 'unused-for': ['1h'] }, 'conflicting filters: "until" and "unused-for"'],
  [
    { until: ['x'] },
    `"until" filter expects a duration (e.g., '24h') or a timestamp: failed to parse value as time or duration: "x"`,
  ],
];
for (const [filters, message] of refused)
  test(`no prune of ${JSON.stringify(filters)}`, () =>
    assert.throws(() => pruneFilter(filters, now), { kind: 'invalid', message }));
