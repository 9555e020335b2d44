import { type Path, shown, terminated } from './bytes.ts';
import { nr } from './numbers.ts';
import { sys, systemError } from './sys.ts';

const ENODATA = 61;
const ERANGE = 34;
const EOPNOTSUPP = 95;

/** Where an extended attribute sits: an open descriptor, or a path whose final link is not followed. */
export type Place = number | Path;

/** An attribute's value; `undefined` when the file has none of that name or the file system has no attributes. */
export function getXattr(place: Place, name: Path): Buffer | undefined {
  return read('getxattr', place, (buffer) =>
    typeof place === 'number'
      ? sys(nr.fgetxattr, place, terminated(name), buffer, buffer.length)
      : sys(nr.lgetxattr, terminated(place), terminated(name), buffer, buffer.length),
  );
}

/** The names of a file's attributes, as their bytes. */
export function listXattrs(place: Place): readonly Buffer[] {
  const names = read('listxattr', place, (buffer) =>
    typeof place === 'number'
      ? sys(nr.flistxattr, place, buffer, buffer.length)
      : sys(nr.llistxattr, terminated(place), buffer, buffer.length),
  );
  return names === undefined ? [] : splitAtNul(names);
}

/** Sets an attribute, whether or not it was there. @throws with errno EOPNOTSUPP, EPERM, ENOSPC… */
export function setXattr(place: Place, name: Path, value: Uint8Array): void {
  const result =
    typeof place === 'number'
      ? sys(nr.fsetxattr, place, terminated(name), value, value.length, 0)
      : sys(nr.lsetxattr, terminated(place), terminated(name), value, value.length, 0);
  if (result < 0) throw systemError(`setxattr ${shown(name)} of ${described(place)}`, -result);
}

export function removeXattr(place: Place, name: Path): 'removed' | 'absent' {
  const result =
    typeof place === 'number'
      ? sys(nr.fremovexattr, place, terminated(name))
      : sys(nr.lremovexattr, terminated(place), terminated(name));
  if (result === -ENODATA) return 'absent';
  if (result < 0) throw systemError(`removexattr ${shown(name)} of ${described(place)}`, -result);
  return 'removed';
}

/** Reads what may be of any size up to 64 KiB: most fits the first buffer. */
function read(call: string, place: Place, into: (buffer: Buffer) => number): Buffer | undefined {
  for (const size of [256, 65536]) {
    const buffer = Buffer.alloc(size);
    const result = into(buffer);
    if (result >= 0) return buffer.subarray(0, result);
    if (result === -ENODATA || result === -EOPNOTSUPP) return undefined;
    if (result !== -ERANGE || size === 65536) throw systemError(`${call} of ${described(place)}`, -result);
  }
  return undefined;
}

function splitAtNul(list: Buffer): Buffer[] {
  const names: Buffer[] = [];
  for (let start = 0; start < list.length; ) {
    const end = list.indexOf(0, start);
    names.push(list.subarray(start, end));
    start = end + 1;
  }
  return names;
}

const described = (place: Place): string =>
  typeof place === 'number' ? `descriptor ${place}` : shown(place);
