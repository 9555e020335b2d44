import type { RuntimeDevice, RuntimeSpec } from '#oci/runtime-spec.ts';
import type { Operation } from './tape.ts';

/** linux/stat.h (S_IF*) */
const typeBits = { c: 0o020000, u: 0o020000, b: 0o060000, p: 0o010000 } as const;

/** What every container's /dev has. @see OCI config-linux.md § Default Devices */
const defaults: readonly RuntimeDevice[] = (
  [
    ['/dev/null', 1, 3],
    ['/dev/zero', 1, 5],
    ['/dev/full', 1, 7],
    ['/dev/random', 1, 8],
    ['/dev/urandom', 1, 9],
    ['/dev/tty', 5, 0],
  ] as const
).map(([path, major, minor]) => ({ path, type: 'c', major, minor, fileMode: 0o666, uid: 0, gid: 0 }));

const links: readonly (readonly [content: string, path: string])[] = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['/proc/kcore', '/dev/core'],
  ['pts/ptmx', '/dev/ptmx'],
];

/** Device nodes, links and terminal in /dev; nothing when the container has the host's own there. */
export function deviceOperations(spec: RuntimeSpec): Operation[] {
  const console: Operation[] = spec.process.terminal ? [['CONSOLE', spec.process.user.uid]] : [];
  if (spec.mounts.some(({ destination, type }) => destination === '/dev' && type === 'bind')) return console;
  const asked = spec.linux.devices ?? [];
  const missing = defaults.filter(({ path }) => !asked.some((device) => device.path === path));
  return [
    ...[...missing, ...asked].map(node),
    ...links.map(([content, path]): Operation => ['SYMLINK', content, path]),
    ...console,
  ];
}

function node({ path, type, major, minor, fileMode, uid, gid }: RuntimeDevice): Operation {
  const mode = typeBits[type] | (fileMode ?? 0o666);
  return ['DEVICE', mode, major, minor, uid ?? 0, gid ?? 0, path];
}
