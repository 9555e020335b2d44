import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withChanges } from './changes.ts';

const before = { Env: ['PATH=/bin', 'A=1'], Cmd: ['old'], WorkingDir: '/srv' };

const good: [lines: string[], want: object][] = [
  [['CMD ["a", "b"]'], { Cmd: ['a', 'b'] }],
  [['cmd echo $HOME'], { Cmd: ['/bin/sh', '-c', 'echo $HOME'] }],
  [['ENTRYPOINT ["/x"]'], { Entrypoint: ['/x'], Cmd: null }],
  [['ENV A=2 B="c d" C=e\\ f'], { Env: ['PATH=/bin', 'A=2', 'B=c d', 'C=e f'] }],
  [['ENV OLD way of it'], { Env: ['PATH=/bin', 'A=1', 'OLD=way of it'] }],
  [['LABEL a=b "c d"=e'], { Labels: { a: 'b', 'c d': 'e' } }],
  [
    ['EXPOSE 80 53/udp 90-91/tcp'],
    { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '90/tcp': {}, '91/tcp': {} } },
  ],
  [['VOLUME /a /b', 'VOLUME ["/c d"]'], { Volumes: { '/a': {}, '/b': {}, '/c d': {} } }],
  [['USER me:you'], { User: 'me:you' }],
  [['WORKDIR sub'], { WorkingDir: '/srv/sub' }],
  [['WORKDIR /x', 'WORKDIR y'], { WorkingDir: '/x/y' }],
  [['STOPSIGNAL SIGINT'], { StopSignal: 'SIGINT' }],
  [['ONBUILD RUN make'], { OnBuild: ['RUN make'] }],
  [['SHELL ["/bin/bash", "-c"]', 'CMD x'], { Shell: ['/bin/bash', '-c'], Cmd: ['/bin/bash', '-c', 'x'] }],
  [['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } }],
  [
    ['HEALTHCHECK --interval=1m30s --retries=3 CMD curl x'],
    { Healthcheck: { Test: ['CMD-SHELL', 'curl x'], Interval: 9e10, Retries: 3 } },
  ],
  [['# note', '', 'USER a\nCMD ["b"]'], { User: 'a', Cmd: ['b'] }],
];
for (const [lines, want] of good) {
  test(lines.join(' ; '), () => assert.deepEqual(withChanges(before, lines), { ...before, ...want }));
}

const bad: [line: string, message: RegExp][] = [
  ['RUN x', /run is not a valid change command/],
  ['COPY a b', /copy is not a valid change command/],
  ['CMD', /CMD requires at least one argument/],
  ['ENV A', /ENV must have two arguments/],
  ['LABEL a=b =c', /can't find =/],
  ['EXPOSE http', /invalid containerPort: http/],
  ['EXPOSE 70000', /invalid containerPort/],
  ['USER a b', /USER requires exactly one argument/],
  ['ONBUILD ONBUILD RUN x', /ONBUILD ONBUILD/],
  ['ONBUILD FROM x', /FROM isn't allowed/],
  ['SHELL bash', /SHELL requires the arguments to be in JSON form/],
  ['HEALTHCHECK --pace=1s CMD x', /Unknown flag: pace/],
];
for (const [line, message] of bad)
  test(`refused: ${line}`, () =>
    assert.throws(() => withChanges(before, [line]), { kind: 'invalid', message }));
