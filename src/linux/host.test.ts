import assert from 'node:assert/strict';
import test from 'node:test';
import { bootId, hostFacts, osRelease, parseCpuList, processStartTicks } from './host.ts';
import { kernelAtLeast, parseKernelVersion } from './kernel-version.ts';

const versions: [version: string, minimum: string, want: boolean][] = [
  ['6.1.0-13-amd64', '4.8', true],
  ['6.1.0-13-amd64', '6.1', true],
  ['6.1.0-13-amd64', '6.12', false],
  ['5.10.0', '4.19', true],
  ['4.19.0', '5.2', false],
];
for (const [version, minimum, want] of versions) {
  test(`kernel ${version} is ${want ? '' : 'not '}at least ${minimum}`, () => {
    assert.equal(kernelAtLeast(minimum, version), want);
  });
}

test('a kernel version needs two numbers', () => {
  assert.deepEqual(parseKernelVersion('6.18.44-fc'), [6, 18]);
  assert.throws(() => parseKernelVersion('six'), { kind: 'invalid' });
});

test('os-release with every way of quoting', () => {
  const text = 'PRETTY_NAME="Say \\"hi\\" 1"\nID=debian\nNAME=\'A b\'\n# X=1\nEMPTY=\n';
  assert.deepEqual(osRelease(text), { PRETTY_NAME: 'Say "hi" 1', ID: 'debian', NAME: 'A b', EMPTY: '' });
});

const lists: [text: string, want: number[] | undefined][] = [
  ['0-2,5', [0, 1, 2, 5]],
  ['3', [3]],
  ['', []],
  ['2-1', undefined],
  ['a', undefined],
  ['0-', undefined],
  ['1-99999999999', undefined],
];
for (const [text, want] of lists) {
  test(`cpu list ${JSON.stringify(text)}`, () => {
    const got = parseCpuList(text);
    assert.deepEqual(got === undefined ? undefined : [...got], want);
  });
}

test('facts of this machine', () => {
  const facts = hostFacts();
  assert.ok(facts.cpus >= 1 && facts.memoryBytes > 0 && facts.operatingSystem.length > 0);
  assert.match(bootId(), /^[0-9a-f-]{36}$/);
});

test('a process is named by pid and start', () => {
  assert.ok(processStartTicks(process.pid)! > 0);
  assert.equal(processStartTicks(2 ** 30), undefined);
});
