import assert from 'node:assert/strict';
import test from 'node:test';
import { nameServers, namesOnlyStub, type ResolverOptions, resolvConf } from './resolv-conf.ts';

const cases: [string, string, ResolverOptions, string][] = [
  [
    "the host's servers, search list and options",
    'nameserver 10.0.0.1\nsearch a.org b.org\noptions ndots:2\n',
    {},
    'nameserver 10.0.0.1\nsearch a.org b.org\noptions ndots:2\n',
  ],
  [
    'loopback servers are left out',
    'nameserver 127.0.0.53\nnameserver ::1\nnameserver 10.0.0.1\n',
    {},
    'nameserver 10.0.0.1\n',
  ],
  [
    'IPv6 servers are left out without IPv6',
    'nameserver 2001:db8::1\nnameserver 10.0.0.1\n',
    {},
    'nameserver 10.0.0.1\n',
  ],
  ['IPv6 servers stay with IPv6', 'nameserver 2001:db8::1\n', { ipv6: true }, 'nameserver 2001:db8::1\n'],
  [
    'public servers when none is left',
    '# empty\nnameserver 127.0.0.1\n',
    {},
    'nameserver 8.8.8.8\nnameserver 8.8.4.4\n',
  ],
  ['public servers for an empty file', '', {}, 'nameserver 8.8.8.8\nnameserver 8.8.4.4\n'],
  [
    'what is asked for replaces',
    'nameserver 10.0.0.1\nsearch a.org\noptions ndots:2\n',
    { servers: ['127.0.0.1'], search: ['c.org'], options: ['rotate'] },
    'nameserver 127.0.0.1\nsearch c.org\noptions rotate\n',
  ],
  [
    'a search of "." is none',
    'nameserver 10.0.0.1\nsearch a.org\n',
    { search: ['.'] },
    'nameserver 10.0.0.1\n',
  ],
  [
    'comments are no servers',
    'nameserver 10.0.0.1 # first\n;nameserver 10.0.0.2\n',
    {},
    'nameserver 10.0.0.1\n',
  ],
  [
    "in the host's network loopback servers stay",
    'nameserver 127.0.0.53\n',
    { hostNetwork: true },
    'nameserver 127.0.0.53\n',
  ],
  [
    'where the engine resolves, what has no dot is asked as it is first',
    'nameserver 10.0.0.1\nsearch a.org\noptions edns0\n',
    { embedded: true },
    'nameserver 127.0.0.11\nsearch a.org\noptions edns0 ndots:0\n',
  ],
  [
    'unless something else was asked for',
    'nameserver 10.0.0.1\n',
    { embedded: true, servers: ['10.0.0.2'], search: ['.'], options: ['timeout:3', 'ndots:2'] },
    'nameserver 127.0.0.11\noptions timeout:3 ndots:2\n',
  ],
];

for (const [name, host, asked, want] of cases) {
  test(name, () => assert.equal(resolvConf(host, asked), want));
}

test("systemd-resolved's stub alone is told from others", () => {
  assert.equal(namesOnlyStub('nameserver 127.0.0.53\n'), true);
  assert.equal(namesOnlyStub('nameserver 127.0.0.53\nnameserver 10.0.0.1\n'), false);
  assert.equal(namesOnlyStub(''), false);
});

const askedServers: [string, string, ResolverOptions, string][] = [
  [
    "the host's, by loopback and IPv6 too",
    'nameserver 127.0.0.53\nnameserver fe80::1%eth0\n',
    {},
    '127.0.0.53 fe80::1%eth0',
  ],
  ['public ones when the host has none', 'nameserver nowhere\n', {}, '8.8.8.8 8.8.4.4'],
  [
    'those asked for; by loopback the own of the container',
    'nameserver 10.0.0.1\n',
    { servers: ['10.0.0.2', '127.0.0.1'] },
    '10.0.0.2 127.0.0.1 inside',
  ],
  ['never itself, and no names', '', { servers: ['127.0.0.11', 'dns.example', '10.0.0.2'] }, '10.0.0.2'],
];
for (const [name, host, asked, want] of askedServers)
  test(`whom the engine asks: ${name}`, () => {
    const servers = nameServers(host, asked).map(
      ({ address, inside }) => `${address}${inside ? ' inside' : ''}`,
    );
    assert.equal(servers.join(' '), want);
  });
