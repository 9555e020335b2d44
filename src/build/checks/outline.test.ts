import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { outlineOf } from './outline.ts';
import { targetsOf } from './targets.ts';

const text = `# VERSION of the base
ARG VERSION=1
ARG BASE=alpine:\${VERSION}
ARG UNUSED=1

# deps what is needed
FROM \${BASE} AS deps
RUN --mount=type=secret,id=token,required --mount=type=cache,target=/c true

# app the application
FROM --platform=$BUILDPLATFORM scratch AS App
# MODE of running
ARG MODE=fast
ARG VERSION
RUN --mount=type=ssh --mount=type=secret,target=/x/other true
COPY --from=deps /a /b

FROM busybox
ARG ELSE=1
`;
const dockerfile = parseDockerfile(text);
const at = (line: number) => ({ ranges: [{ start: { line }, end: { line } }] });
const sources = [Buffer.from(text).toString('base64')];

test('an outline has what the target and the stages it reaches take', () =>
  assert.deepEqual(outlineOf(dockerfile, { target: 'app', buildArgs: { MODE: 'slow' } }), {
    name: 'app',
    description: 'the application',
    args: [
      { name: 'VERSION', description: 'of the base', value: '1', location: at(2) },
      { name: 'BASE', value: 'alpine:1', location: at(3) },
      { name: 'MODE', description: 'of running', value: 'slow', location: at(13) },
    ],
    secrets: [
      { name: 'token', required: true, location: at(8) },
      { name: 'other', location: at(15) },
    ],
    ssh: [{ name: 'default', location: at(15) }],
    cache: [{ ID: '/c', location: at(8) }],
    sources,
  }));

test('without a target it is the last stage', () =>
  assert.deepEqual(outlineOf(dockerfile), {
    args: [{ name: 'ELSE', value: '1', location: at(19) }],
    sources,
  }));

test('no such target', () =>
  assert.throws(() => outlineOf(dockerfile, { target: 'nothing' }), { kind: 'invalid' }));

test('targets are the stages, as written', () =>
  assert.deepEqual(targetsOf(dockerfile), {
    targets: [
      { name: 'deps', description: 'what is needed', base: '${BASE}', location: at(7) },
      {
        name: 'app',
        description: 'the application',
        base: 'scratch',
        platform: '$BUILDPLATFORM',
        location: at(11),
      },
      { default: true, base: 'busybox', location: at(18) },
    ],
    sources,
  }));
