import assert from 'node:assert/strict';
import test from 'node:test';
import type { ContainerConfig } from '#api/index.ts';
import type { ImageRunConfig } from '#oci/image-config.ts';
import { mergedConfig } from './merge.ts';

const commands: [string, ContainerConfig, ImageRunConfig, readonly string[], readonly string[]][] = [
  ["the image's", {}, { Entrypoint: ['e'], Cmd: ['c'] }, ['e'], ['c']],
  ['own Cmd', { Cmd: ['mine'] }, { Entrypoint: ['e'], Cmd: ['c'] }, ['e'], ['mine']],
  [
    "own Entrypoint drops the image's Cmd",
    { Entrypoint: ['mine'] },
    { Entrypoint: ['e'], Cmd: ['c'] },
    ['mine'],
    [],
  ],
  [
    'an empty Entrypoint is none',
    { Entrypoint: [''], Cmd: ['mine'] },
    { Entrypoint: ['e'], Cmd: ['c'] },
    [],
    ['mine'],
  ],
];
for (const [name, own, image, entrypoint, cmd] of commands) {
  test(`command: ${name}`, () => {
    const merged = mergedConfig(own, image);
    assert.deepEqual([merged.Entrypoint, merged.Cmd], [entrypoint, cmd]);
  });
}

test('nothing to run', () =>
  assert.throws(() => mergedConfig({}, {}), { kind: 'invalid', message: 'no command specified' }));

test('variables, labels, ports and volumes add up, the own ones counting', () => {
  const merged = mergedConfig(
    { Cmd: ['x'], Env: ['A=1', 'GONE'], Labels: { a: 'mine' }, ExposedPorts: { '80/tcp': {} } },
    {
      Env: ['A=0', 'B=2', 'GONE=no'],
      Labels: { a: 'image', b: 'image' },
      ExposedPorts: { '90/tcp': {} },
      Volumes: { '/v': {} },
      User: 'web',
      WorkingDir: '/w',
      StopSignal: 'SIGQUIT',
    },
  );
  assert.deepEqual(merged, {
    Cmd: ['x'],
    Entrypoint: [],
    Env: ['A=1', 'GONE', 'B=2'],
    Labels: { a: 'mine', b: 'image' },
    ExposedPorts: { '90/tcp': {}, '80/tcp': {} },
    Volumes: { '/v': {} },
    User: 'web',
    WorkingDir: '/w',
    StopSignal: 'SIGQUIT',
  });
});

test('a health check takes from the image what it leaves open', () => {
  const image = { Cmd: ['x'], Healthcheck: { Test: ['CMD', 'a'], Interval: 5, Retries: 3 } };
  assert.deepEqual(mergedConfig({}, image).Healthcheck, image.Healthcheck);
  assert.deepEqual(mergedConfig({ Healthcheck: { Test: ['NONE'], Interval: 0 } }, image).Healthcheck, {
    Test: ['NONE'],
    Interval: 5,
    Retries: 3,
  });
});
