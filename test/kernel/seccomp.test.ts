import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, suite } from 'node:test';
import { capabilityNames, compileSeccomp, defaultCapabilities, defaultSeccomp } from '#linux/index.ts';
import { syscallNumbers } from '#linux/syscall-tables.ts';
import { installed, startDockerd, type TestEngine } from '../fixtures/engines.ts';
import { buildProbe, callName, everyCall, type ProbedCall, probeInput } from '../fixtures/seccomp-probe.ts';

const isRoot = process.getuid?.() === 0;
const skip = !isRoot
  ? 'needs root'
  : process.arch !== 'x64'
    ? 'the probe is for x86_64: not installed'
    : undefined;

/** Where we answer otherwise than dockerd 20.10 with runc 1.1 and libseccomp 2.5.4: its profile is of 2020. */
const differences: readonly (readonly [call: RegExp, ours: string, theirs: string, reason: string])[] = [
  [/^(i386 )?(pkey_\w+|name_to_handle_at)$/, 'allow', 'errno 1', 'dockerd has allowed it since 23'],
  [
    /^(i386 )?process_vm_\w+$/,
    'allow',
    'errno 1',
    'dockerd has allowed it since 23, from kernel 4.8 as ptrace',
  ],
  [/^i386 clock_settime64$/, 'allow', 'errno 1', 'dockerd has allowed it with CAP_SYS_TIME since 23'],
  [
    /^(i386 )?io_uring_\w+$/,
    'errno 1',
    'allow',
    'too many ways out of containers: dockerd has refused it since 25',
  ],
  [
    /^(i386 )?socket\(0x28,/,
    'errno 1',
    'allow',
    'AF_VSOCK is in no network namespace: dockerd has refused it since 23',
  ],
  [/^(i386 )?socket\(0x26,/, 'errno 1', 'allow', 'AF_ALG has been a way out: dockerd refuses it by now'],
  [
    /^(i386 )?(cachestat|fchmodat2|map_shadow_stack|futex_\w+|statmount|listmount|mseal|\w+xattrat)$/,
    'allow',
    'errno 38',
    'newer than libseccomp 2.5.4',
  ],
  [
    /^(i386 )?(lsm_\w+|set_mempolicy_home_node)$/,
    'errno 1',
    'errno 38',
    'named by our profile, newer than theirs',
  ],
  [
    /^(i386 )?(lsm_\w+|set_mempolicy_home_node)$/,
    'allow',
    'errno 38',
    'the same, with the capability for it',
  ],
  [/^(i386 )?socket$/, 'errno 1', 'allow', 'no such family: ours are named one by one, and -1 is none'],
  [
    /^#107374182\d$/,
    'errno 38',
    'allow',
    'x32 calls: kernels that have them at all answer ENOSYS unless asked to',
  ],
];

const isKnown = (call: string, ours: string, theirs: string): boolean =>
  differences.some(([calls, our, their]) => calls.test(call) && our === ours && their === theirs);

/** The kernel answers these itself, before any filter: they are for its own trampolines. */
const unfiltered = ['uprobe', 'uretprobe'];

suite('the default seccomp profile in the kernel', { skip }, () => {
  let directory: string;
  let probe: string;

  before(() => {
    directory = mkdtempSync('/tmp/hoist-seccomp-');
    probe = buildProbe(directory);
  });
  after(() => rmSync(directory, { recursive: true }));

  /** What the kernel answers under our filter for these capabilities, call by call. */
  function ours(capabilities: readonly string[], calls: readonly ProbedCall[]): string[] {
    const filter = join(directory, 'filter');
    writeFileSync(filter, compileSeccomp(defaultSeccomp({ capabilities })));
    return execFileSync(probe, [filter], { input: probeInput(calls), encoding: 'utf8' })
      .trim()
      .split('\n');
  }

  test('what the profile names is allowed, all else refused', () => {
    const profile = defaultSeccomp({ capabilities: defaultCapabilities });
    const always = profile.syscalls!.filter(
      ({ action, args }) => action === 'SCMP_ACT_ALLOW' && args === undefined,
    );
    const allowed = new Set(always.flatMap(({ names }) => names));
    const calls = [...syscallNumbers('X86_64')].filter(
      ([name]) => ![...unfiltered, 'socket', 'personality', 'clone', 'clone3'].includes(name),
    );
    const answers = ours(
      defaultCapabilities,
      calls.map(([, number]) => ({ abi: 64, number })),
    );
    const got = calls.map(([name], i) => `${name} ${answers[i]}`);
    const newest = syscallNumbers('X86_64').get('removexattrat')!;
    assert.deepEqual(
      got,
      calls.map(([name, number]) => {
        if (allowed.has(name)) return `${name} allow`;
        return `${name} errno ${number > newest ? 38 : 1}`;
      }),
    );
  });

  suite('beside the reference daemon', {
    skip: installed('dockerd') && installed('docker') ? undefined : 'dockerd: not installed',
  }, () => {
    let engine: TestEngine;
    before(async () => {
      engine = await startDockerd();
      execFileSync('tar', ['-cf', join(directory, 'probe.tar'), '-C', directory, 'seccomp-probe']);
      docker('import', join(directory, 'probe.tar'), 'probe');
    });
    after(() => engine[Symbol.asyncDispose]());

    const docker = (...args: string[]): string =>
      execFileSync('docker', ['-H', engine.host, ...args], { encoding: 'utf8' });

    function theirs(flags: readonly string[], calls: readonly ProbedCall[]): string[] {
      const args = [
        '-H',
        engine.host,
        'run',
        '--rm',
        '-i',
        '--network=none',
        ...flags,
        'probe',
        '/seccomp-probe',
      ];
      return execFileSync('docker', args, { input: probeInput(calls), encoding: 'utf8' })
        .trim()
        .split('\n');
    }

    const sets: [what: string, flags: string[], capabilities: readonly string[]][] = [
      ['default capabilities', [], defaultCapabilities],
      ['no capability', ['--cap-drop=ALL'], []],
      ['CAP_SYS_ADMIN', ['--cap-add=SYS_ADMIN'], [...defaultCapabilities, 'CAP_SYS_ADMIN']],
      ['all capabilities', ['--cap-add=ALL', '--cap-drop=SYS_RESOURCE'], capabilityNames],
    ];
    for (const [what, flags, capabilities] of sets) {
      test(`with ${what}, each call is refused by both or neither`, () => {
        const [our, their] = [ours(capabilities, everyCall), theirs(flags, everyCall)];
        const unlike = everyCall.flatMap((call, i) => {
          const name = callName(call);
          return our[i] === their[i] || isKnown(name, our[i]!, their[i]!)
            ? []
            : [`${name}: ${our[i]}, dockerd ${their[i]}`];
        });
        assert.deepEqual(unlike, []);
      });
    }
  });
});
