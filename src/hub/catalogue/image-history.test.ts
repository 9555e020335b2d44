import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf } from '#oci/digest.ts';
import type { Descriptor } from '#oci/manifest.ts';
import { layersWithCommands, readableCommand } from './image-history.ts';

const commands: readonly (readonly [createdBy: string, command: string])[] = [
  ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
  ['/bin/sh -c #(nop) ADD file:1 in / ', 'ADD file:1 in /'],
  ['/bin/sh -c apk add git', 'RUN apk add git'],
  ['RUN /bin/sh -c apk add git # buildkit', 'RUN apk add git'],
  ['RUN |1 V=3 /bin/sh -c make # buildkit', 'RUN make'],
  ['|1 V=3 /bin/sh -c make', 'RUN make'],
  ['COPY a b # buildkit', 'COPY a b'],
  ['CMD ["sh"]', 'CMD ["sh"]'],
  ['RUN /bin/bash -c x', 'RUN /bin/bash -c x'],
  ['bazel build', 'bazel build'],
  ['', ''],
];
for (const [createdBy, command] of commands)
  test(`${JSON.stringify(createdBy)} reads ${JSON.stringify(command)}`, () =>
    assert.equal(readableCommand(createdBy), command));

const layer = (name: string): Descriptor => ({ mediaType: 'l', digest: digestOf(name), size: name.length });
const [a, b] = [layer('a'), layer('bb')];

test('commands go to the layers they made, in order', () => {
  assert.deepEqual(
    layersWithCommands(
      [a, b],
      [
        { created_by: 'ADD a /' },
        { created_by: 'ENV x=1', empty_layer: true },
        { created_by: 'COPY b /' },
        { created_by: 'CMD x', empty_layer: true },
      ],
    ),
    [
      { ...a, command: 'ADD a /' },
      { size: 0, command: 'ENV x=1' },
      { ...b, command: 'COPY b /' },
      { size: 0, command: 'CMD x' },
    ],
  );
});

test('a history that says too little or too much', () => {
  assert.deepEqual(layersWithCommands([a, b], undefined), [a, b]);
  assert.deepEqual(layersWithCommands([a, b], [{ created_by: 'ADD a /' }]), [
    { ...a, command: 'ADD a /' },
    b,
  ]);
  assert.deepEqual(layersWithCommands([a], [{}, { created_by: 'x' }]), [a]);
});
