import assert from 'node:assert/strict';
import test from 'node:test';
import { type GitAddress, gitAddressOf } from './git-url.ts';

const plain = {
  ref: undefined,
  directory: '',
  checksum: undefined,
  keepGitDirectory: undefined,
  submodules: true,
} as const;

const commit = '0123456789abcdef0123456789abcdef01234567';

const addresses: readonly (readonly [url: string, want: Partial<GitAddress> | undefined])[] = [
  ['https://host/a/b.git', { remote: 'https://host/a/b.git' }],
  ['http://user:pass@host:8080/b.git', { remote: 'http://user:pass@host:8080/b.git' }],
  ['https://host/b.git#main', { remote: 'https://host/b.git', ref: 'main' }],
  ['https://host/b.git#main:sub/dir', { remote: 'https://host/b.git', ref: 'main', directory: 'sub/dir' }],
  ['https://host/b.git#:sub', { remote: 'https://host/b.git', directory: 'sub' }],
  ['https://host/b.git#', { remote: 'https://host/b.git' }],
  ['https://host/b.git#refs/pull/1/head', { remote: 'https://host/b.git', ref: 'refs/pull/1/head' }],
  [`https://host/b.git#${commit}`, { remote: 'https://host/b.git', ref: commit }],
  ['git://host/b', { remote: 'git://host/b' }],
  ['git://host/b#v1.0:d', { remote: 'git://host/b', ref: 'v1.0', directory: 'd' }],
  ['ssh://git@host:2222/b', { remote: 'ssh://git@host:2222/b' }],
  ['git@host:a/b', { remote: 'git@host:a/b' }],
  ['git@host:a/b.git#dev:d', { remote: 'git@host:a/b.git', ref: 'dev', directory: 'd' }],
  ['me@host:~/b', { remote: 'me@host:~/b' }],
  ['github.com/a/b', { remote: 'https://github.com/a/b.git' }],
  ['github.com/a/b.git#x', { remote: 'https://github.com/a/b.git', ref: 'x' }],
  ['https://host/b.git?ref=v1&subdir=d', { remote: 'https://host/b.git', ref: 'v1', directory: 'd' }],
  ['https://host/b.git?branch=x', { remote: 'https://host/b.git', ref: 'refs/heads/x' }],
  ['https://host/b.git?tag=x', { remote: 'https://host/b.git', ref: 'refs/tags/x' }],
  [`https://host/b.git?commit=${commit}`, { remote: 'https://host/b.git', ref: commit, checksum: commit }],
  [
    'https://host/b.git?ref=x&checksum=0123456',
    { remote: 'https://host/b.git', ref: 'x', checksum: '0123456' },
  ],
  [
    'https://host/b.git?keep-git-dir=true&submodules=0',
    { remote: 'https://host/b.git', keepGitDirectory: true, submodules: false },
  ],
  ['https://host/b.tar.gz', undefined],
  ['https://github.com/a/b', undefined],
  ['https://host/Dockerfile', undefined],
  ['./b.git', undefined],
  ['b.git', undefined],
  ['file:///b.git', undefined],
  ['ext::sh -c touch% /tmp/x', undefined],
  ['-', undefined],
  ['--upload-pack=x', undefined],
];

for (const [url, want] of addresses)
  test(`${url} is ${want === undefined ? 'no git repository' : 'a git repository'}`, () => {
    assert.deepEqual(gitAddressOf(url), want === undefined ? undefined : { ...plain, ...want });
  });

const refused: readonly (readonly [url: string, message: RegExp])[] = [
  ['https://host/b.git#--upload-pack=x', /invalid git reference/],
  ['https://host/b.git#-x', /invalid git reference/],
  ['https://host/b.git#a b', /invalid git reference/],
  ['https://host/b.git#+a', /invalid git reference/],
  ['https://host/b.git#a..b', /invalid git reference/],
  ['ssh://-oProxyCommand=x/b', /invalid git host/],
  ['git@-host:b', /invalid git host/],
  ['-o@host:b', /invalid git host/],
  ['https://host/b.git?ref=a&branch=b', /ref conflicts/],
  ['https://host/b.git?color=red', /unexpected query "color"/],
  ['https://host/b.git?checksum=xyz', /invalid checksum/],
  ['https://host/b.git?submodules=maybe', /invalid submodules value/],
];

for (const [url, message] of refused)
  test(`refuses ${url}`, () => {
    assert.throws(() => gitAddressOf(url), { kind: 'invalid', message });
  });
