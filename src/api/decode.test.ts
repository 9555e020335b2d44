import assert from 'node:assert/strict';
import test from 'node:test';
import { ContainerCreateRequest } from './container-config.ts';
import { decode, decodeJson } from './decode.ts';

const cases: [name: string, given: unknown, want: unknown][] = [
  ['an unknown field is dropped', { Image: 'a', Bogus: 1 }, { Image: 'a' }],
  ['a null field is an absent one', { Image: 'a', Env: null, HostConfig: null }, { Image: 'a' }],
  ['a null map value is its zero', { ExposedPorts: { '80/tcp': null } }, { ExposedPorts: { '80/tcp': {} } }],
  [
    'a null list in a map is empty',
    { HostConfig: { PortBindings: { '80/tcp': null } } },
    { HostConfig: { PortBindings: { '80/tcp': [] } } },
  ],
  ['a command may be one string', { Cmd: 'ls' }, { Cmd: ['ls'] }],
  ['a command may be a list', { Cmd: ['ls', '-l'] }, { Cmd: ['ls', '-l'] }],
  [
    'an endpoint may be null',
    { NetworkingConfig: { EndpointsConfig: { web: null } } },
    { NetworkingConfig: { EndpointsConfig: { web: {} } } },
  ],
];
for (const [name, given, want] of cases) {
  test(name, () => assert.deepEqual(decode(ContainerCreateRequest, given), want));
}

const refusals: [given: unknown, message: string][] = [
  [
    { HostConfig: { Memory: 'much' } },
    'json: cannot unmarshal string into Go struct field HostConfig.Memory of type int64',
  ],
  [
    { HostConfig: { Memory: 1.5 } },
    'json: cannot unmarshal number 1.5 into Go struct field HostConfig.Memory of type int64',
  ],
  [{ Env: 'A=b' }, 'json: cannot unmarshal string into Go struct field Env of type []string'],
  [{ Tty: 'yes' }, 'json: cannot unmarshal string into Go struct field Tty of type bool'],
  [[], 'json: cannot unmarshal array into Go value of type struct'],
];
for (const [given, message] of refusals) {
  test(message, () =>
    assert.throws(() => decode(ContainerCreateRequest, given), { kind: 'invalid', message }),
  );
}

test('a map key named __proto__ is a key like others', () => {
  const decoded = decode(ContainerCreateRequest, JSON.parse('{"Labels":{"__proto__":"x"}}'));
  assert.deepEqual(Object.entries(decoded.Labels ?? {}), [['__proto__', 'x']]);
});

test('a text is decoded, or is no JSON', () => {
  assert.deepEqual(decodeJson(ContainerCreateRequest, '{"Image":"a","other":1}'), { Image: 'a' });
  for (const text of ['', '{', 'Image'])
    assert.throws(() => decodeJson(ContainerCreateRequest, text), {
      kind: 'invalid',
      message: /^invalid JSON: /,
    });
  assert.throws(() => decodeJson(ContainerCreateRequest, '[]'), {
    kind: 'invalid',
    message: /^json: cannot unmarshal/,
  });
});
