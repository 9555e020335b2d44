import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import test from 'node:test';
import { selfSigned } from './self-signed.ts';

const from = new Date('2026-03-04T05:06:07.891Z');

test('a certificate names its hosts, vouches for itself and nobody else', () => {
  const { cert, key } = selfSigned({
    names: ['hub.example.org', '192.0.2.7', '2001:db8::1', '::1'],
    from,
    days: 800,
  });
  const read = new X509Certificate(cert);
  assert.equal(
    read.subjectAltName,
    'DNS:hub.example.org, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:1, IP Address:0:0:0:0:0:0:0:1',
  );
  assert.ok(read.verify(read.publicKey));
  assert.ok(read.checkPrivateKey(createPrivateKey(key)));
  assert.equal(read.ca, false);
  assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.equal(read.validFromDate.toISOString(), '2026-03-04T05:06:07.000Z');
  assert.equal(read.validToDate.toISOString(), '2028-05-12T05:06:07.000Z');
  assert.equal(read.checkHost('hub.example.org'), 'hub.example.org');
  assert.equal(read.checkIP('2001:db8::1'), '2001:db8::1');
  assert.equal(read.checkHost('example.org'), undefined);
});

test('two certificates have serial numbers and keys of their own', () => {
  const [a, b] = [1, 2].map(() => new X509Certificate(selfSigned({ names: ['a'], from, days: 1 }).cert));
  assert.notEqual(a!.serialNumber, b!.serialNumber);
  assert.notEqual(a!.fingerprint256, b!.fingerprint256);
});

test('a certificate may end after 2049, and have many names', () => {
  const names = Array.from({ length: 200 }, (_, index) => `host-${index}.example.org`);
  const read = new X509Certificate(selfSigned({ names, from, days: 10_000 }).cert);
  assert.equal(read.validToDate.getUTCFullYear(), 2053);
  assert.equal(read.subjectAltName?.split(', ').length, 200);
});
