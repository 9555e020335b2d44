import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { BuildEvent, BuildFailure, BuildOutcome, BuildVertex, JSONMessage } from '#api/index.ts';
import { classicLines } from './build-classic.ts';
import type { ClassicOptions } from './classic-steps.ts';

// UPDATE_GOLDEN=1 writes the streams anew. They are dockerd's own for the same Dockerfiles, ids aside:
// test/interop/docker-build.test.ts holds the engine to that.
const rewrite = Boolean(process.env['UPDATE_GOLDEN']);
const directory = join(import.meta.dirname, 'golden');

const at = '2026-01-01T00:00:00.000Z';
const started: BuildEvent = { kind: 'started', build: 'b'.repeat(20), at };
const imageId = (n: number) => `sha256:${String(n).repeat(64).slice(0, 64)}`;
const begin = (id: number): BuildEvent => ({ kind: 'begin', id, at });
const running = (id: number): BuildEvent => ({ kind: 'running', id });
const log = (id: number, text: string | Buffer, stream: 1 | 2 = 1): BuildEvent => ({
  ...{ kind: 'log', id, stream },
  data: Buffer.from(text as string).toString('base64'),
});
const end = (id: number, image?: number, outcome: BuildOutcome = 'done'): BuildEvent => ({
  ...{ kind: 'end', id, at, outcome, milliseconds: 1 },
  ...(image !== undefined && { image: imageId(image) }),
});
const finished = (image: number): BuildEvent => ({
  ...{ kind: 'finished', at, outcome: 'done' },
  image: imageId(image),
});
const failed = (error: BuildFailure): BuildEvent => ({ kind: 'finished', at, outcome: 'failed', error });
const named = (image: number, ...names: string[]): BuildEvent => ({
  ...{ kind: 'image', id: imageId(image), names },
});

/** Instructions of stages one after the other; each but FROM goes on from the one before. */
const graph = (instructions: readonly string[], first = 0, globals: readonly string[] = []): BuildEvent => ({
  kind: 'graph',
  vertices: instructions.map(
    (instruction, index): BuildVertex => ({
      ...{ id: first + index, name: instruction, instruction },
      inputs: instruction.startsWith('FROM') ? [] : [first + index - 1],
    }),
  ),
  ...(globals.length > 0 && { globals }),
});

const simple = graph(['FROM busybox', 'ENV A=b', 'RUN make', 'CMD ["sh"]']);
const simpleRun = [started, simple, begin(0), end(0, 1), begin(1), end(1, 2), begin(2), running(2)];
const parallel = graph(
  ['FROM $V AS build', 'RUN slow', 'FROM busybox', 'COPY --from=build /f /g', 'LABEL z=1'],
  0,
  ['ARG V=busybox'],
);

/** Of the context: bytes of a download, or what git says. */
const fetched = (what: string, current?: number): BuildEvent => ({
  ...{ kind: 'progress', id: -1, what },
  ...(current !== undefined && { current }),
});

const streams: [name: string, events: readonly BuildEvent[], options?: ClassicOptions][] = [
  [
    'a context from elsewhere',
    [
      ...[
        started,
        fetched('http://host/x.tar', 512),
        fetched('http://host/x.tar', 10240),
        fetched('warning: x'),
      ],
      ...[graph(['FROM busybox']), begin(0), end(0, 1), finished(1)],
    ],
  ],
  [
    'success',
    [
      ...simpleRun,
      ...[log(2, 'out\n'), log(2, 'err\n', 2), end(2, 3), begin(3), end(3, 4)],
      ...[named(4, 'x:latest', 'y:1'), finished(4)],
    ],
    { remove: true },
  ],
  [
    'cached',
    [
      ...[started, simple, begin(0), end(0, 1)],
      ...[1, 2, 3].flatMap((id) => [begin(id), end(id, id + 1, 'cached')]),
      ...[named(4), finished(4)],
    ],
  ],
  [
    'failure',
    [
      ...simpleRun,
      ...[log(2, 'before\n'), end(2, undefined, 'failed')],
      failed({
        message: "The command '/bin/sh -c make' returned a non-zero code: 3",
        exitCode: 3,
        vertex: 2,
      }),
    ],
    { remove: true },
  ],
  [
    'failure-silent-force',
    [
      ...simpleRun,
      end(2, undefined, 'failed'),
      failed({
        message: "The command '/bin/sh -c make' returned a non-zero code: 1",
        exitCode: 1,
        vertex: 2,
      }),
    ],
    { remove: 'force' },
  ],
  [
    'pull-error',
    [
      ...[started, graph(['FROM 127.0.0.1:1/nothing', 'RUN true']), begin(0), end(0, undefined, 'failed')],
      failed({ message: 'Get "http://127.0.0.1:1/v2/": connection refused', vertex: 0 }),
    ],
  ],
  [
    'pull',
    [
      ...[started, graph(['FROM r/web:1']), begin(0)],
      ...(
        [
          ['1: Pulling from web'],
          ['4f4fb700ef54: Pulling fs layer'],
          ['4f4fb700ef54: Downloading', 5, 10],
          ['Digest: sha256:aa'],
          ['Status: Downloaded newer image for r/web:1'],
        ] as const
      ).map(
        ([what, current, total]): BuildEvent => ({
          ...{ kind: 'progress', id: 0, what },
          ...(current !== undefined && { current }),
          ...(total !== undefined && { total }),
        }),
      ),
      ...[end(0, 1), named(1), finished(1)],
    ],
  ],
  [
    'stages-side-by-side',
    [
      ...[started, parallel, begin(2), begin(0), end(2, 5), end(0, 1), begin(1), running(1)],
      ...[begin(3), log(1, 'slow\n'), end(1, 2), end(3, 6), begin(4), end(4, 7), named(7), finished(7)],
    ],
    { remove: true },
  ],
  [
    'failure-side-by-side',
    [
      ...[started, graph(['FROM a', 'RUN slow', 'FROM b', 'RUN bad']), begin(0), begin(2), end(2, 5)],
      ...[end(0, 1), begin(1), running(1), begin(3), running(3), log(3, 'bad\n'), log(1, 'slow\n')],
      ...[end(3, undefined, 'failed'), end(1, undefined, 'cancelled')],
      failed({ message: "The command 'bad' returned a non-zero code: 2", exitCode: 2, vertex: 3 }),
    ],
  ],
  [
    'triggers',
    [
      ...[started, graph(['FROM onb', 'RUN own']), begin(0), end(0, 1)],
      {
        kind: 'graph',
        vertices: [
          { id: 2, name: 'ONBUILD', instruction: 'RUN trigger', inputs: [0] },
          { id: 3, name: 'ONBUILD', instruction: 'ENV T=1', inputs: [2] },
        ],
      },
      ...[begin(2), running(2), log(2, 'trigger\n'), end(2, 2), begin(3), end(3, 3)],
      ...[begin(1), running(1), log(1, 'own\n'), end(1, 4), named(4), finished(4)],
    ],
    { remove: true },
  ],
  [
    'scratch-squash',
    [
      ...[started, graph(['FROM scratch', 'COPY f /']), begin(0), end(0), begin(1), end(1, 2)],
      ...[named(3), finished(3)],
    ],
    { squash: true },
  ],
  [
    'unused-arguments',
    [
      ...[started, graph(['FROM a']), begin(0), end(0, 1)],
      {
        kind: 'warning',
        warning: {
          ...{ rule: 'UnusedBuildArgs', description: '', url: '' },
          detail: 'One or more build-args [BAR FOO] were not consumed',
        },
      },
      { kind: 'warning', warning: { rule: 'StageNameCasing', description: '', url: '', detail: 'no' } },
      ...[named(1, 'w:latest'), finished(1)],
    ],
  ],
  [
    'quiet',
    [...simpleRun, log(2, 'out\n'), end(2, 3), begin(3), end(3, 4), named(4, 'q:latest'), finished(4)],
    { quiet: true },
  ],
  [
    'quiet-failure',
    [
      ...simpleRun,
      ...[log(2, 'out\n'), end(2, undefined, 'failed')],
      failed({ message: 'The command returned a non-zero code: 1', exitCode: 1, vertex: 2 }),
    ],
    { quiet: true },
  ],
];

async function* from(events: readonly BuildEvent[]): AsyncGenerator<BuildEvent> {
  yield* events;
}

const linesOf = (events: readonly BuildEvent[], options: ClassicOptions = {}): Promise<JSONMessage[]> =>
  Array.fromAsync(classicLines(from(events), options));

for (const [name, events, options] of streams) {
  test(`the stream of ${name}`, async () => {
    const text = (await linesOf(events, options)).map((line) => `${JSON.stringify(line)}\n`).join('');
    const golden = join(directory, `${name}.jsonl`);
    if (rewrite) writeFileSync(golden, text);
    assert.equal(text, readFileSync(golden, 'utf8'));
  });
}

const refusals: [name: string, failure: BuildFailure, kind: string][] = [
  ['a wrong Dockerfile', { message: 'unknown instruction: NOPE', kind: 'invalid' }, 'invalid'],
  [
    'one that is not there',
    { message: 'Cannot locate specified Dockerfile: x', kind: 'notFound' },
    'internal',
  ],
  ['one that has a place', { message: 'm', location: { startLine: 1, endLine: 1 } }, 'invalid'],
];
for (const [name, failure, kind] of refusals) {
  test(`${name} fails before the stream`, async () => {
    await assert.rejects(linesOf([started, failed(failure)]), { kind, message: failure.message });
  });
}

test('a character cut in two is whole', async () => {
  const bytes = Buffer.from('é');
  const events = [...simpleRun, log(2, bytes.subarray(0, 1)), log(2, bytes.subarray(1))];
  assert.ok((await linesOf(events)).some(({ stream }) => stream === 'é'));
});

test('the output of a step that waits for its turn has a limit', async () => {
  const noise = Array.from({ length: 300 }, () => log(3, 'x'.repeat(10_000)));
  const waits = [
    started,
    graph(['FROM a', 'RUN slow', 'FROM b', 'RUN noise']),
    begin(0),
    end(0, 1),
    begin(1),
  ];
  const events = [...waits, begin(2), end(2, 2), begin(3), ...noise, end(1, 3), end(3, 4), finished(4)];
  const lines = await linesOf(events);
  const size = lines.reduce((sum, { stream = '' }) => sum + stream.length, 0);
  assert.ok(size < 2.2 * 2 ** 20, `${size}`);
  assert.ok(lines.some(({ stream }) => stream?.includes('[output clipped, log limit 2MiB reached]')));
});
