import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printCheck, printOutline, printTargets } from './call-print.ts';

const at = (start: number, end = start) => ({ ranges: [{ start: { line: start }, end: { line: end } }] });
const sources = [
  {
    filename: 'Dockerfile',
    language: 'Dockerfile',
    data: Buffer.from('FROM ä AS B\nCMD x').toString('base64'),
  },
];

test('a check that found nothing', () =>
  assert.equal(printCheck({ warnings: [], sources }), 'Check complete, no warnings found.\n'));

test('warnings with the lines they are of', () => {
  const warning = { description: 'd', detail: 'Stage names', url: 'https://x/', ruleName: 'StageNameCasing' };
  assert.equal(
    printCheck({ warnings: [{ ...warning, location: at(1) }], sources }),
    `Check complete, 1 warning has been found!

WARNING: StageNameCasing - https://x/
Stage names
Dockerfile:1
--------------------
   1 | >>> FROM ä AS B
   2 |     CMD x
--------------------
`,
  );
});

test('what the build would fail on', () =>
  assert.equal(
    printCheck({ warnings: [], sources, buildError: { message: 'no', location: at(2) } }),
    `no
Dockerfile:2
--------------------
   1 |     FROM ä AS B
   2 | >>> CMD x
--------------------
`,
  ));

test('an outline', () =>
  assert.equal(
    printOutline({
      name: 'app',
      description: 'the application',
      args: [{ name: 'VERSION', value: '1', description: 'of the base' }, { name: 'MODE' }],
      secrets: [{ name: 'token', required: true }, { name: 'x' }],
      ssh: [{ name: 'default' }],
      sources: [],
    }),
    [
      'TARGET:      app',
      'DESCRIPTION: the application',
      '',
      'BUILD ARG   VALUE   DESCRIPTION',
      'VERSION     1       of the base',
      'MODE                ',
      '',
      'SECRET   REQUIRED',
      'token    true',
      'x        ',
      '',
      'SSH       REQUIRED',
      'default   ',
      '',
      '',
    ].join('\n'),
  ));

test('an outline of nothing', () => assert.equal(printOutline({ sources: [] }), ''));

test('targets', () =>
  assert.equal(
    printTargets({
      targets: [
        { name: 'deps', description: 'what is needed' },
        { base: 'a' },
        { name: 'app', default: true },
      ],
      sources: [],
    }),
    'TARGET        DESCRIPTION\ndeps          what is needed\n              \napp (default) \n',
  ));

test('a target without a name', () =>
  assert.match(printTargets({ targets: [{ default: true }], sources: [] }), /^\(default\) $/m));
