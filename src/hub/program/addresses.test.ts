import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import test from 'node:test';
import { addressOf, proxiesOf } from './client-address.ts';
import { parseListen, shownListen } from './listen-address.ts';
import { parsePublicUrl, publicAddress } from './public-address.ts';

const proxies = proxiesOf(['10.0.0.0/8', '::1', '2001:db8::/32']);
const request = (
  peer: string,
  headers: Readonly<Record<string, string>> = {},
  encrypted = false,
): IncomingMessage =>
  ({
    headers,
    socket: { remoteAddress: peer, encrypted, localAddress: '192.0.2.9', localPort: 5000 },
  }) as unknown as IncomingMessage;

const clients: readonly [string, string | undefined, string, string][] = [
  ['the connection says it', undefined, '192.0.2.1', '192.0.2.1'],
  ['a stranger says nothing of others', '203.0.113.5', '192.0.2.1', '192.0.2.1'],
  ['a proxy says it', '203.0.113.5', '10.1.2.3', '203.0.113.5'],
  ['a proxy by IPv4 within IPv6', '203.0.113.5', '::ffff:10.1.2.3', '203.0.113.5'],
  ['what the client itself wrote stays behind', '1.2.3.4, 203.0.113.5', '10.1.2.3', '203.0.113.5'],
  ['a proxy behind a proxy', '203.0.113.5, 10.9.9.9', '10.1.2.3', '203.0.113.5'],
  ['proxies alone', '10.9.9.9', '10.1.2.3', '10.9.9.9'],
  ['a proxy that says nothing', undefined, '10.1.2.3', '10.1.2.3'],
  ['what is no address', 'unknown', '10.1.2.3', '10.1.2.3'],
  ['IPv6', '2001:db8:1::7', '::1', '2001:db8:1::7'],
  ['IPv6 with a port', '[2a00::7]:8080', '::1', '2a00::7'],
  ['IPv4 with a port', '203.0.113.5:1234', '::1', '203.0.113.5'],
];
for (const [name, header, peer, want] of clients) {
  test(`a client's address: ${name}`, () => {
    const headers: Record<string, string> = header === undefined ? {} : { 'x-forwarded-for': header };
    assert.equal(addressOf(request(peer, headers), proxies), want);
  });
}

for (const network of [
  '',
  '10.0.0.0/33',
  '10.0.0/8',
  'host',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '::/129',
  '10.0.0.0/-1',
])
  test(`no network of proxies: ${JSON.stringify(network)}`, () => {
    assert.throws(() => proxiesOf([network]), { kind: 'invalid' });
  });

const addresses: readonly [string, IncomingMessage, string][] = [
  [
    'by the name asked for',
    request('192.0.2.1', { host: 'hub.example.org:5000' }),
    'http://hub.example.org:5000/token',
  ],
  ['by TLS', request('192.0.2.1', { host: 'hub.example.org' }, true), 'https://hub.example.org/token'],
  ['by IPv6', request('192.0.2.1', { host: '[2001:db8::1]:5000' }), 'http://[2001:db8::1]:5000/token'],
  [
    'a stranger cannot say that it was TLS',
    request('192.0.2.1', { host: 'h', 'x-forwarded-proto': 'https' }),
    'http://h/token',
  ],
  ['a proxy can', request('10.0.0.1', { host: 'h', 'x-forwarded-proto': 'https' }), 'https://h/token'],
  [
    'and what it was asked for',
    request('10.0.0.1', { host: 'inner', 'x-forwarded-host': 'outer.org' }),
    'http://outer.org/token',
  ],
  [
    'not so a stranger',
    request('192.0.2.1', { host: 'inner', 'x-forwarded-host': 'outer.org' }),
    'http://inner/token',
  ],
  ['no name', request('192.0.2.1'), 'http://192.0.2.9:5000/token'],
  ['quotes', request('192.0.2.1', { host: 'x",scope="y' }), 'http://192.0.2.9:5000/token'],
  ['a path', request('192.0.2.1', { host: 'x/y' }), 'http://192.0.2.9:5000/token'],
  ['someone', request('192.0.2.1', { host: 'user@x' }), 'http://192.0.2.9:5000/token'],
];
for (const [name, asked, realm] of addresses) {
  test(`where clients find the Hub: ${name}`, () => {
    const found = publicAddress(asked, { url: undefined, proxies });
    assert.deepEqual(found, { realm, service: realm.slice(realm.indexOf('//') + 2, -'/token'.length) });
  });
}

test('where clients find the Hub: as configured', () => {
  const url = parsePublicUrl('https://hub.example.org');
  const found = publicAddress(request('192.0.2.1', { host: 'elsewhere' }), { url, proxies });
  assert.deepEqual(found, { realm: 'https://hub.example.org/token', service: 'hub.example.org' });
  for (const text of ['hub.example.org', 'ftp://x', 'https://x/path', 'https://x/?y'])
    assert.throws(() => parsePublicUrl(text), { kind: 'invalid' });
});

const listens: readonly [string, string | undefined][] = [
  ['127.0.0.1:5000', '127.0.0.1:5000'],
  ['[::1]:5000', '[::1]:5000'],
  ['5000', 'localhost:5000'],
  [':5000', 'localhost:5000'],
  ['*:5000', 'localhost:5000'],
  ['0.0.0.0:5000', 'localhost:5000'],
  ['hub.example.org:0', 'hub.example.org:0'],
  ['::1:5000', undefined],
  ['127.0.0.1', undefined],
  ['127.0.0.1:70000', undefined],
  ['http://127.0.0.1:5000', undefined],
  ['', undefined],
];
for (const [text, want] of listens) {
  test(`listen on ${JSON.stringify(text)}: ${want ?? 'refused'}`, () => {
    if (want === undefined) assert.throws(() => parseListen(text), { kind: 'invalid' });
    else assert.equal(shownListen(parseListen(text)), want);
  });
}
