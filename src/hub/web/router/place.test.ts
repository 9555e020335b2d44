import assert from 'node:assert/strict';
import test from 'node:test';
import { links, type Place, placeOf, safeNext } from './place.ts';

const paths: [string, Place][] = [
  ['/', { page: 'home' }],
  ['/-/search', { page: 'search' }],
  ['/-/sign-in', { page: 'sign-in' }],
  ['/-/sign-in/more', { page: 'missing' }],
  ['/-/settings', { page: 'settings', tab: 'profile' }],
  ['/-/settings/tokens', { page: 'settings', tab: 'tokens' }],
  ['/-/settings/nothing', { page: 'missing' }],
  ['/-/admin/plans', { page: 'admin', tab: 'plans' }],
  ['/ada', { page: 'account', name: 'ada', tab: 'repositories' }],
  ['/ada/-/usage', { page: 'account', name: 'ada', tab: 'usage' }],
  ['/crew/-/teams/ops', { page: 'team', name: 'crew', team: 'ops' }],
  ['/crew/-/members/ops', { page: 'missing' }],
  ['/ada/app', { page: 'repository', name: 'ada/app', tab: 'overview' }],
  ['/ada/deep/app/', { page: 'repository', name: 'ada/deep/app', tab: 'overview' }],
  ['/ada/app/-/tags', { page: 'repository', name: 'ada/app', tab: 'tags' }],
  ['/ada/app/-/tags/1.0', { page: 'manifest', name: 'ada/app', reference: '1.0' }],
  ['/ada/app/-/manifests/sha256:ab', { page: 'manifest', name: 'ada/app', reference: 'sha256:ab' }],
  ['/ada/-', { page: 'missing' }],
  ['/Ada/app', { page: 'missing' }],
  ['/ada/%zz', { page: 'missing' }],
  ['/..%2fada/app', { page: 'missing' }],
];
for (const [path, want] of paths)
  test(`${path} is ${JSON.stringify(want)}`, () => assert.deepEqual(placeOf(path), want));

test('links lead to their places', () => {
  assert.deepEqual(placeOf(links.account('ada', 'teams')), { page: 'account', name: 'ada', tab: 'teams' });
  assert.deepEqual(placeOf(links.settings('security')), { page: 'settings', tab: 'security' });
  assert.deepEqual(placeOf(links.tag('ada/app', 'v1')), {
    page: 'manifest',
    name: 'ada/app',
    reference: 'v1',
  });
});

const nexts: [string | null, string][] = [
  [null, '/'],
  ['/ada/app?q=1', '/ada/app?q=1'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
];
for (const [next, want] of nexts)
  test(`after signing in for ${JSON.stringify(next)}: ${want}`, () => assert.equal(safeNext(next), want));
