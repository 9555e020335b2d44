import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedConfig } from './changed-config.ts';

const before = { Env: ['PATH=/bin', 'A=1'], Cmd: ['old'], WorkingDir: '/srv' };

const good: [lines: string[], want: object][] = [
  [[], {}],
  [['CMD ["a", "b"]'], { Cmd: ['a', 'b'] }],
  [['cmd echo $HOME'], { Cmd: ['/bin/sh', '-c', 'echo $HOME'] }],
  [['CMD'], { Cmd: ['/bin/sh', '-c'] }],
  [['CMD []'], { Cmd: [] }],
  [['ENTRYPOINT ["/x"]'], { Entrypoint: ['/x'], Cmd: null }],
  [['ENTRYPOINT /x y'], { Entrypoint: ['/bin/sh', '-c', '/x y'], Cmd: null }],
  [['ENTRYPOINT'], {}],
  [['CMD ["a"]', 'ENTRYPOINT ["/x"]'], { Entrypoint: ['/x'], Cmd: ['a'] }],
  [['ENV A=2 B="c d" C=e\\ f'], { Env: ['PATH=/bin', 'A=2', 'B=c d', 'C=e f'] }],
  [["ENV B=$A/${C:-c} D='$A'"], { Env: ['PATH=/bin', 'A=1', 'B=1/c', 'D=$A'] }],
  [['ENV B=2', 'ENV C=$B'], { Env: ['PATH=/bin', 'A=1', 'B=2', 'C=2'] }],
  [['ENV OLD way of $A'], { Env: ['PATH=/bin', 'A=1', 'OLD=way of 1'] }],
  [['LABEL a=b "c d"=e f=$A'], { Labels: { a: 'b', 'c d': 'e', f: '1' } }],
  [
    ['EXPOSE 80 53/udp 90-91/tcp 127.0.0.1:1:2'],
    { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '90/tcp': {}, '91/tcp': {}, '2/tcp': {} } },
  ],
  [['VOLUME /a /b', 'VOLUME ["/c d"]'], { Volumes: { '/a': {}, '/b': {}, '/c d': {} } }],
  [['USER me:you'], { User: 'me:you' }],
  [['USER a b'], { User: 'a b' }],
  [['USER $A'], { User: '1' }],
  [['WORKDIR sub'], { WorkingDir: '/srv/sub' }],
  [['WORKDIR /x', 'WORKDIR y'], { WorkingDir: '/x/y' }],
  [['ONBUILD RUN make'], { OnBuild: ['RUN make'] }],
  [['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } }],
  [
    ['HEALTHCHECK --interval=1m30s --retries=3 CMD curl x'],
    { Healthcheck: { Test: ['CMD-SHELL', 'curl x'], Interval: 9e10, Retries: 3 } },
  ],
  [['# note', '', 'USER a\nCMD ["b"]'], { User: 'a', Cmd: ['b'] }],
  [['USER \\', '  a'], { User: 'a' }],
  [['# escape=`', 'ENV B=a` c'], { Env: ['PATH=/bin', 'A=1', 'B=a c'] }],
];
for (const [lines, want] of good)
  test(`changes: ${lines.join(' ; ')}`, () => {
    const { ArgsEscaped: _, ...config } = changedConfig(before, lines) as Record<string, unknown>;
    assert.deepEqual(config, { ...before, ...want });
  });

test('a shell that the config has', () =>
  assert.deepEqual(changedConfig({ Shell: ['/bin/bash', '-c'] }, ['CMD x']).Cmd, ['/bin/bash', '-c', 'x']));

const bad: [line: string, message: string][] = [
  ['RUN x', 'run is not a valid change command'],
  ['COPY a b', 'copy is not a valid change command'],
  ['FROM a', 'from is not a valid change command'],
  ['ARG a', 'arg is not a valid change command'],
  ['SHELL ["a"]', 'shell is not a valid change command'],
  ['STOPSIGNAL SIGINT', 'stopsignal is not a valid change command'],
  ['MAINTAINER me', 'maintainer is not a valid change command'],
  ['NoSuch x', 'nosuch is not a valid change command'],
  ['USER\nRUN x', 'run is not a valid change command'],
  ['', 'file with no instructions'],
  ['# nothing', 'file with no instructions'],
  ['cmd ["a", 1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
  ['ENV A', 'ENV must have two arguments'],
  ['ENV', 'ENV requires at least one argument'],
  ['ENV =x', 'ENV names can not be blank'],
  ['ENV F=${NONE:?no}', 'failed to process "${NONE:?no}": NONE: no'],
  ['LABEL a=b =c', 'LABEL names can not be blank'],
  ['LABEL a=b c', `Syntax error - can't find = in "c". Must be of the form: name=value`],
  ['EXPOSE http', 'invalid containerPort: http'],
  ['EXPOSE 70000', 'invalid containerPort: 70000'],
  ['USER', 'USER requires exactly one argument'],
  ['WORKDIR', 'WORKDIR requires exactly one argument'],
  ['VOLUME ["", "/x"]', 'VOLUME specified can not be an empty string'],
  ['ONBUILD ONBUILD RUN x', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
  ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
  ['HEALTHCHECK --pace=1s CMD x', 'unknown flag: --pace'],
  ['HEALTHCHECK --retries=0 CMD x', '--retries must be at least 1 (not 0)'],
  ['HEALTHCHECK NONE x', 'HEALTHCHECK NONE takes no arguments'],
  ['HEALTHCHECK y', 'Unknown type "Y" in HEALTHCHECK (try CMD)'],
];
for (const [line, message] of bad)
  test(`no change: ${JSON.stringify(line)}`, () =>
    assert.throws(() => changedConfig(before, [line]), { kind: 'invalid', message }));
