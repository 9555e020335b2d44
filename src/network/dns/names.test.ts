import assert from 'node:assert/strict';
import test from 'node:test';
import type { EndpointRecord } from '../records.ts';
import { NameAnswers } from './answer.ts';
import { TYPE } from './message.ts';
import { type AskedNetwork, type NamedEndpoint, NetworkNames } from './names.ts';

function named(
  name: string,
  networkId: string,
  address: number,
  more: Partial<EndpointRecord> = {},
): NamedEndpoint {
  const containerId = `${address}`.padStart(64, 'c');
  const link = { position: 0, macAddress: '', linkName: '', linkIndex: 0 };
  return {
    name,
    endpoint: {
      containerId,
      networkId,
      endpointId: `${networkId}${address}`,
      address,
      ...link,
      aliases: [],
      ...more,
    },
  };
}

const front: AskedNetwork = { networkId: 'f', networkName: 'Front', links: ['/web:db', 'lb'] };
const back: AskedNetwork = { networkId: 'b', networkName: 'back.end', links: [] };

function all(): NetworkNames {
  const names = new NetworkNames();
  names.add(named('Web', 'f', 1, { aliases: ['svc', 'a.b'], hostname: 'hosted' }));
  names.add(named('web', 'b', 2));
  names.add(named('lb', 'f', 3, { aliases: ['svc'] }));
  names.add(named('apart', 'x', 4));
  return names;
}

const cases: readonly [name: string, networks: readonly AskedNetwork[], addresses: readonly number[]][] = [
  ['web', [front, back], [1]],
  ['web', [back, front], [2]],
  ['web.front', [back, front], [1]],
  ['web.back.end', [front, back], [2]],
  ['web.back', [front, back], []],
  ['svc', [front], [1, 3]],
  ['svc', [back], []],
  ['a.b', [front], [1]],
  ['a.b.front', [front], [1]],
  ['hosted', [front], [1]],
  ['1'.padStart(64, 'c').slice(0, 12), [front], [1, 3]],
  ['db', [front], [1]],
  ['db.front', [front], [1]],
  ['lb', [front], [3]],
  ['db', [back], []],
  ['apart', [front, back], []],
  ['apart.x', [front, back], []],
  ['', [front], []],
  ['.front', [front], []],
  ['front', [front], []],
];
for (const [name, networks, addresses] of cases)
  test(`"${name}" on ${networks.map(({ networkName }) => networkName).join(', ')}`, () =>
    assert.deepEqual(all().addressesOf(name, networks), addresses));

test('who has gone has no name any more, and leaves nothing behind', () => {
  const names = new NetworkNames();
  const [one, two] = [named('one', 'f', 1, { aliases: ['svc'] }), named('two', 'f', 2, { aliases: ['svc'] })];
  names.add(one);
  names.add(two);
  names.remove(one);
  assert.deepEqual(names.addressesOf('one', [front]), []);
  assert.deepEqual(names.addressesOf('svc', [front]), [2]);
  assert.equal(names.nameOf(1, [front]), undefined);
  // an address that is another's by now stays so
  const heir = named('heir', 'f', 2);
  names.add(heir);
  names.remove(two);
  assert.equal(names.nameOf(2, [front]), 'heir.Front');
  names.remove(heir);
  assert.deepEqual(names.addressesOf('heir', [front]), []);
});

const question = (name: string, type: number, of = 1) => ({ name, type, class: of });

test('several addresses come in turning order', () => {
  const answers = new NameAnswers(all(), () => [front]);
  const firsts = Array.from({ length: 4 }, () => {
    const first = answers.answer(question('svc', TYPE.A))?.answers[0];
    return first?.type === TYPE.A ? first.address : undefined;
  });
  assert.deepEqual(firsts, [1, 3, 1, 3]);
});

test('a known name has addresses alone; others are not ours to answer', () => {
  const answers = new NameAnswers(all(), () => [front]);
  assert.deepEqual(answers.answer(question('web', 28)), { rcode: 0, answers: [] });
  assert.deepEqual(answers.answer(question('web', 15)), { rcode: 0, answers: [] });
  for (const [name, type, of] of [
    ['nobody', 1],
    ['nobody', 28],
    ['web', 1, 3],
  ] as const)
    assert.equal(answers.answer(question(name, type, of)), undefined, name);
});

const pointers: readonly [name: string, answer: string | undefined][] = [
  ['1.0.0.0.in-addr.arpa', 'Web.Front'],
  ['3.0.0.0.in-addr.arpa', 'lb.Front'],
  ['2.0.0.0.in-addr.arpa', undefined],
  ['01.0.0.0.in-addr.arpa', undefined],
  ['1.0.0.in-addr.arpa', undefined],
  ['1.0.0.0.ip6.arpa', undefined],
  ['in-addr.arpa', undefined],
];
for (const [name, expected] of pointers)
  test(`pointer of ${name}`, () => {
    const [answer] = new NameAnswers(all(), () => [front]).answer(question(name, TYPE.PTR))?.answers ?? [];
    assert.equal(answer?.type === TYPE.PTR ? answer.name : undefined, expected);
  });
