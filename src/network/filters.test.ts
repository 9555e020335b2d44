import assert from 'node:assert/strict';
import test from 'node:test';
import type { Filters } from '#events/index.ts';
import { matchesNetwork, matchesPrune } from './filters.ts';
import type { NetworkRecord } from './records.ts';

const network: NetworkRecord = {
  id: 'abc0123456789',
  name: 'front',
  driver: 'bridge',
  createdAt: '2026-01-02T00:00:00Z',
  internal: false,
  attachable: false,
  options: {},
  labels: { tier: 'web' },
  ipamOptions: {},
};

const cases: [Filters, boolean][] = [
  [{}, true],
  [{ name: ['ron'] }, true],
  [{ name: ['back'] }, false],
  [{ id: ['abc'] }, true],
  [{ driver: ['host', 'bridge'] }, true],
  [{ driver: ['host'] }, false],
  [{ scope: ['swarm'] }, false],
  [{ type: ['custom'] }, true],
  [{ type: ['builtin'] }, false],
  [{ dangling: ['true'] }, true],
  [{ dangling: ['false'] }, false],
  [{ label: ['tier'] }, true],
  [{ label: ['tier=db'] }, false],
  [{ 'label!': ['tier=web'] }, false],
];
for (const [filters, want] of cases)
  test(`${JSON.stringify(filters)}: ${want ? 'listed' : 'left out'}`, () =>
    assert.equal(matchesNetwork(filters, network, false), want));

const wrong: [Filters, string][] = [
  [{ color: ['red'] }, "invalid filter 'color'"],
  [{ type: ['odd'] }, "invalid filter: 'type'='odd'"],
  [{ dangling: ['maybe'] }, "invalid filter 'dangling=[maybe]'"],
];
for (const [filters, message] of wrong)
  test(`${JSON.stringify(filters)} is refused`, () =>
    assert.throws(() => matchesNetwork(filters, network, false), { kind: 'invalid', message }));

const ages: [string, boolean][] = [
  ['24h', true],
  ['240h', false],
  ['1h30m', true],
  ['2026-01-03', true],
  ['2026-01-01', false],
  ['1767225600', false],
  ['24.5h', true],
  ['2026-01-03T10:00:00+02:00', true],
];
for (const [until, want] of ages)
  test(`pruned when made before ${until}: ${want}`, () =>
    assert.equal(matchesPrune({ until: [until] }, network, new Date('2026-01-05T00:00:00Z')), want));

for (const until of [['soon'], ['24h', '48h']])
  test(`until ${until.join(' and ')} is refused, whatever the network's labels`, () =>
    assert.throws(() => matchesPrune({ until, label: ['none=such'] }, network, new Date()), {
      kind: 'invalid',
    }));
