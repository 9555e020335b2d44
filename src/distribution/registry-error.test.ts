import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOfResponse } from './registry-error.ts';

const errors = (code: string, message?: string) => JSON.stringify({ errors: [{ code, message }] });

const cases: [status: number, body: string, kind: string, message: string][] = [
  [404, errors('MANIFEST_UNKNOWN', 'manifest unknown'), 'notFound', 'manifest unknown: manifest unknown'],
  [404, errors('NAME_UNKNOWN'), 'notFound', 'name unknown: repository name not known to registry'],
  [
    401,
    errors('UNAUTHORIZED', 'authentication required'),
    'unauthorized',
    'unauthorized: authentication required',
  ],
  [401, '', 'unauthorized', 'unauthorized: authentication required'],
  [
    401,
    '{"details":"incorrect username or password"}',
    'unauthorized',
    'unauthorized: incorrect username or password',
  ],
  [401, errors('DENIED', 'no'), 'forbidden', 'denied: no'],
  [403, '', 'forbidden', 'denied: requested access to the resource is denied'],
  [429, '', 'unavailable', 'toomanyrequests: too many requests'],
  [500, 'oops', 'unavailable', 'received unexpected HTTP status: 500 Text'],
  [400, 'what?', 'invalid', 'error parsing HTTP 400 response body: "what?"'],
  [400, errors('MANIFEST_INVALID', 'manifest invalid'), 'invalid', 'manifest invalid: manifest invalid'],
  [400, '{"errors":"no list"}', 'invalid', 'received unexpected HTTP status: 400 Text'],
  [400, '[1]', 'invalid', 'received unexpected HTTP status: 400 Text'],
];
for (const [status, body, kind, message] of cases) {
  test(`${status} ${body}`, () => {
    const error = errorOfResponse({ status, statusText: 'Text', headers: {}, body: Buffer.from(body) });
    assert.deepEqual([error.kind, error.message], [kind, message]);
  });
}

const waits: [text: string | undefined, want: number | undefined][] = [
  [undefined, undefined],
  ['3', 3000],
  ['Thu, 01 Jan 1970 00:00:05 GMT', 4000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
];
for (const [text, want] of waits) {
  test(`Retry-After: ${text}`, () => {
    const error = errorOfResponse({
      status: 429,
      statusText: '',
      headers: { 'retry-after': text },
      body: Buffer.alloc(0),
      now: 1000,
    });
    assert.equal(error.retryAfterMilliseconds, want);
  });
}
