import assert from 'node:assert/strict';
import test from 'node:test';
import {
  addAddress,
  addBridge,
  addDefaultRoute,
  addVeth,
  batch,
  configureLink,
  deleteLink,
  IPV4_CONF,
  pinMac,
  setHairpin,
  setLinkUp,
  setNeighbour,
} from './netlink-route.ts';

const macAddress = '02:42:ac:11:00:02';
const address = 0xac110002;

/** A request and its bytes: the header's length, type and flags, sequence and sender; the fixed struct; each attribute. */
const requests: [string, Uint8Array, string][] = [
  [
    'a bridge',
    addBridge({ name: 'br0', macAddress: '02:42:01:02:03:04', mtu: 1500 }),
    `4c000000 1000 0506 00000000 00000000
     00 00 0000 00000000 01000000 01000000
     0800 0300 62723000
     0a00 0100 024201020304 0000
     0800 0400 dc050000
     1000 1280 0b00 0100 62726964676500 00`,
  ],
  [
    'an address',
    addAddress({ index: 16, address, prefixLength: 16 }),
    `30000000 1400 0505 00000000 00000000
     02 10 00 00 10000000
     0800 0200 ac110002
     0800 0100 ac110002
     0800 0400 ac11ffff`,
  ],
  [
    'a default route',
    addDefaultRoute({ index: 16, gateway: 0xac110001 }),
    `2c000000 1800 0506 00000000 00000000
     02 00 00 00 fe 03 00 01 00000000
     0800 0500 ac110001
     0800 0400 10000000`,
  ],
  [
    'a link brought up',
    setLinkUp({ index: 1 }),
    `20000000 1300 0500 00000000 00000000
     00 00 0000 01000000 01000000 01000000`,
  ],
  [
    'settings of a link',
    configureLink({ index: 16 }, { ipv4: [[IPV4_CONF.ARP_NOTIFY, 1]], noIpv6: true }),
    `40000000 1300 0500 00000000 00000000
     00 00 0000 10000000 00000000 00000000
     2000 1a80
       1000 0280 0c00 0180 0800 1600 01000000
       0c00 0a80 0500 0800 01 000000`,
  ],
  [
    'a MAC address nailed to a port',
    pinMac({ index: 16, macAddress }),
    `28000000 1c00 0505 00000000 00000000
     07 00 0000 10000000 4000 44 00
     0a00 0200 0242ac110002 0000`,
  ],
  [
    'a neighbour',
    setNeighbour({ index: 3, address, macAddress }),
    `30000000 1c00 0505 00000000 00000000
     02 00 0000 03000000 0400 00 00
     0800 0100 ac110002
     0a00 0200 0242ac110002 0000`,
  ],
  [
    'a hairpin',
    setHairpin({ index: 16 }),
    `2c000000 1300 0500 00000000 00000000
     07 00 0000 10000000 00000000 00000000
     0c00 0c80 0500 0400 01 000000`,
  ],
  [
    'a link deleted',
    deleteLink({ name: 'br0' }),
    `28000000 1100 0500 00000000 00000000
     00 00 0000 00000000 00000000 00000000
     0800 0300 62723000`,
  ],
];
for (const [name, bytes, want] of requests)
  test(name, () => assert.equal(Buffer.from(bytes).toString('hex'), want.replace(/\s/g, '')));

test('a veth, its other end in another namespace', () => {
  const veth = addVeth({
    host: { name: 'veth1', index: 0x100001, masterIndex: 3 },
    peer: { name: 'eth0', index: 16, macAddress },
    mtu: 1500,
  });
  const want = `8c000000 1000 0506 00000000 00000000
     00 00 0000 01001000 01000000 01000000
     0a00 0300 766574683100 0000
     0800 0400 dc050000
     0800 0a00 03000000
     5000 1280
       0900 0100 7665746800 000000
       4000 0280 3c00 0180
         00 00 0000 10000000 00000000 00000000
         0900 0300 6574683000 000000
         0a00 0100 0242ac110002 0000
         0800 0400 dc050000
         0800 1c00 ffffffff`;
  assert.equal(veth.bytes.toString('hex'), want.replace(/\s/g, ''));
  assert.equal(veth.bytes.readUInt32LE(veth.netnsFdOffset), 0xffffffff);
});

test('of several requests only the last asks for an acknowledgement', () => {
  const bytes = batch(setLinkUp({ index: 1 }), setLinkUp({ index: 2 }), setLinkUp({ index: 3 }));
  assert.deepEqual(
    [0, 32, 64].map((at) => bytes.readUInt16LE(at + 6)),
    [1, 1, 5],
  );
});
