import type { BuildEvent } from '#api/build.ts';

const start = Date.parse('2026-01-02T03:04:05.000Z');
const at = (milliseconds: number) => new Date(start + milliseconds).toISOString();
const log = (id: number, text: string): BuildEvent => ({
  kind: 'log',
  id,
  stream: 1,
  data: Buffer.from(text).toString('base64'),
});
const begin = (id: number, milliseconds: number): BuildEvent => ({ kind: 'begin', id, at: at(milliseconds) });
const end = (
  id: number,
  [from, to]: readonly [number, number],
  more: Partial<Extract<BuildEvent, { kind: 'end' }>> = {},
): BuildEvent => ({ kind: 'end', id, at: at(to), outcome: 'done', milliseconds: to - from, ...more });

/** What a build of two stages tells, for tests: the same up to where it fails, or does not. */
const beginning: readonly BuildEvent[] = [
  { kind: 'graph', vertices: [{ id: -2, name: '[internal] load build context', inputs: [] }] },
  begin(-2, 0),
  { kind: 'progress', id: -2, what: 'transferring context', current: 2_130_000 },
  end(-2, [0, 120]),
  { kind: 'started', build: 'b0123456789a', at: at(130) },
  {
    kind: 'warning',
    warning: {
      rule: 'FromAsCasing',
      description: "The 'as' keyword should match the case of the 'from' keyword",
      url: 'https://docs.docker.com/go/dockerfile/rule/from-as-casing/',
      detail: "'as' and 'FROM' keywords' casing do not match",
      location: { startLine: 1, endLine: 1 },
    },
  },
  {
    kind: 'graph',
    vertices: [
      { id: 0, name: '[build 1/4] FROM docker.io/library/gcc:14', stage: 'build', line: 1, inputs: [] },
      { id: 1, name: '[build 2/4] WORKDIR /src', stage: 'build', line: 2, inputs: [0] },
      { id: 2, name: '[build 3/4] COPY src/ src/', stage: 'build', line: 3, inputs: [1] },
      {
        id: 3,
        name: '[build 4/4] RUN make -j8 CFLAGS="-O2 -Wall -Wextra" all install',
        stage: 'build',
        line: 4,
        inputs: [2],
      },
      { id: 4, name: '[tools 1/2] FROM docker.io/library/busybox', stage: 'tools', line: 5, inputs: [] },
      {
        id: 5,
        name: '[tools 2/2] RUN wget -O /tool https://example.org/tool',
        stage: 'tools',
        line: 6,
        inputs: [4],
      },
      { id: 6, name: '[stage-2 2/3] COPY --from=build /usr/local/bin/app /app', line: 8, inputs: [4, 3] },
      { id: 7, name: '[stage-2 3/3] COPY --from=tools /tool /tool', line: 9, inputs: [6, 5] },
    ],
  },
  begin(0, 140),
  begin(4, 140),
  end(4, [140, 141], { outcome: 'cached', bytes: 4_260_000 }),
  end(0, [140, 150], { outcome: 'cached', bytes: 1_200_000_000 }),
  begin(1, 150),
  end(1, [150, 151], { outcome: 'cached' }),
  begin(2, 160),
  begin(5, 160),
  log(5, 'Connecting to example.org\r\n\x1b[32mtool  50%\x1b[0m\rtool 100%\r\n'),
  end(2, [160, 290], { bytes: 310_000, reason: 'file src/main.c changed' }),
  begin(3, 290),
  log(3, 'cc -O2 -Wall -Wextra -c main.c\n'),
  log(3, 'main.c:7:3: warning: unused variable\n'),
];

export const recordedSuccess: readonly BuildEvent[] = [
  ...beginning,
  end(5, [160, 900], { bytes: 52_000, reason: 'argument VERSION changed' }),
  log(3, 'ld -o app\n'),
  end(3, [290, 3400], { bytes: 14_200_000, reason: 'parent [build 3/4] COPY src/ src/ changed' }),
  begin(6, 3400),
  end(6, [3400, 3450], { bytes: 14_000_000, reason: 'parent [build 4/4] RUN make -j8 changed' }),
  begin(7, 3450),
  end(7, [3450, 3460], { bytes: 52_000, reason: 'parent [stage-2 2/3] COPY --from=build changed' }),
  { kind: 'image', id: `sha256:${'ab'.repeat(32)}`, names: ['docker.io/library/app:latest'] },
  { kind: 'finished', at: at(3500), outcome: 'done', image: `sha256:${'ab'.repeat(32)}` },
];

export const recordedFailure: readonly BuildEvent[] = [
  ...beginning,
  end(3, [290, 1200], {
    outcome: 'failed',
    error: 'process "/bin/sh -c make" did not complete successfully: exit code: 2',
  }),
  end(5, [160, 1201], { outcome: 'cancelled' }),
  {
    kind: 'finished',
    at: at(1210),
    outcome: 'failed',
    error: {
      message: 'process "/bin/sh -c make" did not complete successfully: exit code: 2',
      exitCode: 2,
      vertex: 3,
      location: { startLine: 4, endLine: 4 },
      excerpt:
        'Dockerfile:4\n--------------------\n   3 |     COPY src/ src/\n   4 | >>> RUN make -j8 all install\n   5 |     FROM busybox AS tools\n--------------------\n',
    },
  },
];
