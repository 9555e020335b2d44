import { notFound } from '#base/errors.ts';
import { digestOf } from '#oci/digest.ts';
import type { Context } from './context.ts';

const root = {
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  modified: { seconds: 0, nanoseconds: 0 },
  linkName: '',
  major: 0,
  minor: 0,
  xattrs: new Map(),
} as const;

/** A context with nothing in it: for a Dockerfile that comes alone. */
export const emptyContext = (): Context => ({
  name: '',
  received: 0,
  find: (path) => (path === '' ? root : undefined),
  list: () => [],
  open: (path) => {
    throw notFound('file', path);
  },
  digestOf: (path) => Promise.reject(notFound('file', path)),
  treeDigest: () => digestOf(''),
  [Symbol.asyncDispose]: async () => undefined,
});
