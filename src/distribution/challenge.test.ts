import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChallenges } from './challenge.ts';

const cases: [header: string | string[] | undefined, want: [string, Record<string, string>][]][] = [
  [undefined, []],
  ['', []],
  ['Basic realm="x"', [['basic', { realm: 'x' }]]],
  ['Bearer', [['bearer', {}]]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
  ],
  ['BEARER Realm = plain , service=s', [['bearer', { realm: 'plain', service: 's' }]]],
  [
    'Basic realm="a \\"quoted\\" one", Bearer realm="b"',
    [
      ['basic', { realm: 'a "quoted" one' }],
      ['bearer', { realm: 'b' }],
    ],
  ],
  [
    ['Basic realm="a"', 'Bearer realm="b"'],
    [
      ['basic', { realm: 'a' }],
      ['bearer', { realm: 'b' }],
    ],
  ],
  ['Bearer realm="never closed', [['bearer', { realm: '' }]]],
  ['realm="no scheme"', []],
  ['Basic __proto__="x"', [['basic', {}]]],
];
for (const [header, want] of cases) {
  test(`challenge ${JSON.stringify(header)}`, () => {
    const got = parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);
    assert.deepEqual(JSON.parse(JSON.stringify(got)), want);
  });
}

test('a hostile header takes no time', () => {
  const started = performance.now();
  parseChallenges(`Bearer ${'a="\\'.repeat(1 << 20)}`);
  parseChallenges(`${' '.repeat(1 << 20)}x`);
  assert.ok(performance.now() - started < 1000);
});
