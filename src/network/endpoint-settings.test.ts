import assert from 'node:assert/strict';
import test from 'node:test';
import type { EndpointSettings } from '#api/index.ts';
import { checkSettings } from './endpoint-settings.ts';
import { parseRange } from './ipv4.ts';
import type { NetworkRecord } from './records.ts';

const subnet = parseRange('10.9.1.0/24');
const networks: Readonly<Record<string, Partial<NetworkRecord>>> = {
  given: { bridge: { subnet } as NetworkRecord['bridge'] & object },
  chosen: { bridge: { subnet, subnetChosen: true } as NetworkRecord['bridge'] & object },
  bridge: { bridge: { subnet } as NetworkRecord['bridge'] & object },
};

const predefined = 'user specified IP address is supported on user defined networks only';
const noSubnet =
  'user specified IP address is supported only when connecting to networks with user configured subnets';
const v4 = (IPv4Address: string): EndpointSettings => ({ IPAMConfig: { IPv4Address } });

const cases: readonly [network: string, settings: EndpointSettings, refusal: string | undefined][] = [
  ['given', {}, undefined],
  ['given', { Aliases: ['a'], Links: ['b:c'], GwPriority: -3 }, undefined],
  ['given', v4('10.9.1.9'), undefined],
  ['given', v4(''), undefined],
  ['given', v4('10.9.2.9'), "Invalid address 10.9.2.9: It does not belong to any of this network's subnets"],
  ['given', v4('10.9.1'), 'invalid IPv4 address: 10.9.1'],
  ['given', v4('10.9.1.9.1'), 'invalid IPv4 address: 10.9.1.9.1'],
  ['given', v4('10.9.1.09'), 'invalid IPv4 address: 10.9.1.09'],
  ['given', { IPAMConfig: { IPv6Address: 'fd00::3' } }, noSubnet],
  ['given', { MacAddress: '02:42:00:00:00:0a' }, undefined],
  ['given', { MacAddress: '02:42:00:00:00' }, 'invalid MAC address: 02:42:00:00:00'],
  ['given', { MacAddress: '03:42:00:00:00:0a' }, 'invalid MAC address: 03:42:00:00:00:0a'],
  ['given', { MacAddress: '02:42:00:00:00:0g' }, 'invalid MAC address: 02:42:00:00:00:0g'],
  ['chosen', {}, undefined],
  ['chosen', v4('10.9.1.9'), noSubnet],
  ['bridge', {}, undefined],
  ['bridge', { Links: ['b:c'] }, undefined],
  ['bridge', v4('10.9.1.9'), predefined],
  ['bridge', { IPAMConfig: { IPv6Address: 'fd00::3' } }, predefined],
  [
    'bridge',
    { Aliases: ['a'] },
    'network-scoped alias is supported only for containers in user defined networks',
  ],
];
for (const [name, settings, refusal] of cases)
  test(`${JSON.stringify(settings)} of ${name}: ${refusal ?? 'granted'}`, () => {
    const check = () => checkSettings({ name, ...networks[name] } as NetworkRecord, settings);
    if (refusal === undefined) check();
    else assert.throws(check, { kind: 'invalid', message: refusal });
  });
