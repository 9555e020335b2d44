import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OP } from '../protocol.ts';
import { type Report, startFailure, warningTexts } from './failure.ts';

const [EPERM, ENOENT, EACCES, EXDEV, EBUSY] = [1, 2, 13, 18, 16];

const mounts = [
  { source: 'tmpfs', destination: '/m' },
  { source: '/src', destination: '/b' },
];

const rows: [program: string, report: Report, kind: string, text: string][] = [
  [
    'foo',
    { op: OP.PROGRAM, errno: EACCES, detail: '/bin/foo' },
    'invalid',
    'exec: "foo": executable file not found in $PATH',
  ],
  [
    './foo',
    { op: OP.PROGRAM, errno: ENOENT, detail: './foo' },
    'invalid',
    'exec: "./foo": stat ./foo: no such file or directory',
  ],
  ['/a"b', { op: OP.PROGRAM, errno: EACCES, detail: '/a"b' }, 'invalid', 'exec: "/a\\"b": permission denied'],
  [
    '',
    { op: OP.PROGRAM, errno: ENOENT, detail: '' },
    'invalid',
    'exec: "": executable file not found in $PATH',
  ],
  [
    'x',
    { op: OP.BIND, errno: EXDEV, detail: '/proc/1' },
    'invalid',
    'error during container init: "/proc/1" cannot be mounted because it is inside /proc',
  ],
  [
    'x',
    { op: OP.MOUNT, errno: EBUSY, detail: '/m' },
    'internal',
    'error during container init: error mounting "tmpfs" to rootfs at "/m": device or resource busy',
  ],
  [
    'x',
    { op: OP.HOST_NETLINK, errno: EPERM, detail: '' },
    'internal',
    'error during container init: host netlink: operation not permitted',
  ],
  [
    'x',
    { op: 0, errno: 0, detail: 'the process ended while it was made' },
    'internal',
    'the process ended while it was made',
  ],
];
for (const [program, report, kind, text] of rows) {
  test(`failure: ${text}`, () => {
    const error = startFailure('exec', report, { program, mounts });
    assert.equal(error.kind, kind);
    assert.equal(
      error.message,
      `OCI runtime exec failed: exec failed: unable to start container process: ${text}: unknown`,
    );
  });
}

test('a mount of a folder onto a file has dockerd’s hint', () => {
  const { message } = startFailure(
    'create',
    { op: OP.BIND, errno: 20, detail: '/b' },
    { program: 'x', mounts },
  );
  assert.match(
    message,
    /error mounting "\/src" to rootfs at "\/b": not a directory: unknown: Are you trying to mount/,
  );
});

test('a warning names the limit', () => {
  const [text] = warningTexts({ op: OP.RLIMIT, errno: EPERM, detail: 'RLIMIT_NOFILE' });
  assert.match(text!, /^Cannot raise RLIMIT_NOFILE/);
});

test('an ordinary score that cannot be had warns nobody', () => {
  assert.deepEqual(warningTexts({ op: OP.OOM_SCORE, errno: EACCES, detail: '0' }), []);
  assert.equal(warningTexts({ op: OP.OOM_SCORE, errno: EACCES, detail: '-500' }).length, 1);
});
