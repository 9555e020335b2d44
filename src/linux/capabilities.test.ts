import assert from 'node:assert/strict';
import test from 'node:test';
import {
  capabilitiesIn,
  capabilityMask,
  capabilityNames,
  capabilityNumber,
  defaultCapabilities,
  grantCapabilities,
  possibleCapabilities,
} from './capabilities.ts';

const without = (...names: string[]) => defaultCapabilities.filter((name) => !names.includes(name));
const sorted = (names: readonly string[]) => names.toSorted();

const grants: [add: string[], drop: string[], want: readonly string[]][] = [
  [[], [], defaultCapabilities],
  [['net_admin'], [], [...defaultCapabilities, 'CAP_NET_ADMIN']],
  [['CAP_NET_ADMIN', 'NET_ADMIN'], ['MKNOD'], [...without('CAP_MKNOD'), 'CAP_NET_ADMIN']],
  [['ALL'], [], capabilityNames],
  [['all'], ['SYS_ADMIN'], capabilityNames.filter((name) => name !== 'CAP_SYS_ADMIN')],
  [[], ['ALL'], []],
  [['CHOWN'], ['ALL'], ['CAP_CHOWN']],
  [['ALL'], ['ALL'], capabilityNames],
  [['CHOWN'], ['CHOWN'], defaultCapabilities],
];
for (const [add, drop, want] of grants) {
  test(`add ${add.join() || 'none'}, drop ${drop.join() || 'none'}`, () => {
    const granted = grantCapabilities({ add, drop }, capabilityNames);
    assert.deepEqual(sorted(granted.capabilities), sorted(want));
    assert.deepEqual(granted.warnings, []);
  });
}

test('a privileged container has all, whatever it drops', () => {
  assert.deepEqual(
    grantCapabilities({ drop: ['ALL'], privileged: true }, capabilityNames).capabilities,
    capabilityNames,
  );
});

test('an unknown capability is refused in the words of dockerd', () => {
  const wanted = { kind: 'invalid', message: 'invalid CapAdd: unknown capability: "CAP_FOO"' };
  assert.throws(() => grantCapabilities({ add: ['foo'] }, capabilityNames), wanted);
  assert.throws(() => grantCapabilities({ drop: ['CAP_ALL'] }, capabilityNames), {
    message: 'invalid CapDrop: unknown capability: "CAP_ALL"',
  });
});

test('what the engine itself lacks is left out with a warning', () => {
  const possible = capabilityNames.filter((name) => name !== 'CAP_SYS_RESOURCE');
  const granted = grantCapabilities({ privileged: true }, possible);
  assert.deepEqual(granted.capabilities, possible);
  assert.match(granted.warnings[0]!, /CAP_SYS_RESOURCE$/);
});

test('numbers and masks', () => {
  assert.equal(capabilityNumber('CAP_CHECKPOINT_RESTORE'), 40);
  assert.equal(capabilityMask(defaultCapabilities), 0xa80425fbn);
  assert.deepEqual(sorted(capabilitiesIn(0xa80425fbn)), sorted(defaultCapabilities));
  assert.deepEqual(possibleCapabilities('CapEff:\t00\nCapBnd:\t0000000000000003\n'), [
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
  ]);
});
