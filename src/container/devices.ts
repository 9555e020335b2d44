import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path/posix';
import type { HostConfig } from '#api/index.ts';
import { EngineError, messageOf } from '#base/errors.ts';
import type { HostDevice } from './spec/host.ts';
import type { DeviceLookup } from './spec/resources.ts';

/** The devices that a container is given: those it names, or with privileges all of the host's. */
export function devicesOf(host: HostConfig): {
  readonly devices: readonly HostDevice[];
  readonly numbers: DeviceLookup;
} {
  const named = (host.Devices ?? []).flatMap(
    ({ PathOnHost: from = '', PathInContainer: to = '', CgroupPermissions }) =>
      devicesAt(from, to || from, CgroupPermissions || 'rwm'),
  );
  if (host.Privileged !== true) return { devices: named, numbers };
  const places = new Set(named.map(({ path }) => path));
  return { devices: [...hostDevices().filter(({ path }) => !places.has(path)), ...named], numbers };
}

/** A device's numbers, for block IO limits. */
const numbers: DeviceLookup = (path) => {
  const device = deviceOf(path, path, 'rwm');
  if (device === undefined) throw gathering(path, 'not a device node');
  return { major: device.major, minor: device.minor };
};

/** A device, or all those in a folder. */
function devicesAt(from: string, to: string, access: string): readonly HostDevice[] {
  const stat = statOf(from);
  if (stat.isDirectory())
    return walk(from).map((found) => ({ ...found, path: join(to, found.path.slice(from.length)), access }));
  const device = deviceOf(from, to, access);
  if (device === undefined) throw gathering(from, 'not a device node');
  return [device];
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw gathering(path, reasonOf(error), error);
  }
}

/** Node's message without its code and call, as Go has it. */
const reasonOf = (error: unknown): string => messageOf(error).replace(/^[A-Z]+: ([^,]*),.*$/, '$1');

const gathering = (path: string, why: string, cause?: unknown) =>
  new EngineError(
    'internal',
    `error gathering device information while adding custom device "${path}": ${why}`,
    { cause },
  );

function deviceOf(from: string, to: string, access: string): HostDevice | undefined {
  const stat = statOf(from);
  if (!stat.isCharacterDevice() && !stat.isBlockDevice()) return undefined;
  return {
    path: to,
    type: stat.isBlockDevice() ? 'b' : 'c',
    major: Math.floor(stat.rdev / 0x100) & 0xfff,
    minor: (stat.rdev & 0xff) | (Math.floor(stat.rdev / 0x1000) & 0xfff00),
    fileMode: stat.mode & 0o777,
    uid: stat.uid,
    gid: stat.gid,
    access,
  };
}

/** What of /dev is the container's own, or no device. */
const ownFolders = ['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev'];
const ownNodes = [
  '/dev/console',
  '/dev/tty',
  '/dev/null',
  '/dev/zero',
  '/dev/full',
  '/dev/random',
  '/dev/urandom',
  '/dev/ptmx',
];

const hostDevices = (): readonly HostDevice[] => walk('/dev').filter(({ path }) => !ownNodes.includes(path));

function walk(folder: string): HostDevice[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ownFolders.includes(entry.name) ? [] : walk(path);
    if (!entry.isCharacterDevice() && !entry.isBlockDevice()) return [];
    const device = deviceOf(path, path, 'rwm');
    return device === undefined ? [] : [device];
  });
}
