import {
  type DeviceMapping,
  type DeviceRequest,
  type ThrottleDevice,
  type Ulimit,
  ulimitNames,
} from '#api/host-config.ts';
import { parseBytes } from '../format/human.ts';
import { csvFields } from './mounts.ts';

/** `--ulimit name=soft[:hard]` */
export function parseUlimit(text: string): Ulimit {
  const found = /^([^=]*)=([^:]*)(?::(.*))?$/.exec(text);
  if (found === null) throw new Error(`invalid ulimit argument: ${text}`);
  const [, Name = '', soft = '', hard = soft] = found;
  if (!isUlimit(Name)) throw new Error(`invalid ulimit type: ${Name}`);
  const [Soft, Hard] = [limit(soft), limit(hard)];
  if (Hard !== -1 && (Soft > Hard || Soft === -1)) {
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`);
  }
  return { Name, Hard, Soft };
}

/** Docker's client does not let the address space be limited. */
const isUlimit = (name: string): boolean => name !== 'as' && ulimitNames.includes(name);

function limit(text: string): number {
  if (!/^-?\d+$/.test(text))
    throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** `--device host[:container][:permissions]` */
export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(':');
  if (parts.length > 3) throw new Error(`invalid device specification: ${text}`);
  const [host = '', second = host, third] = parts;
  if (third === undefined && parts.length === 2 && isPermissions(second)) {
    return { PathOnHost: host, PathInContainer: host, CgroupPermissions: second };
  }
  return { PathOnHost: host, PathInContainer: second || host, CgroupPermissions: third ?? 'rwm' };
}

const isPermissions = (text: string) => /^[rwm]+$/.test(text) && new Set(text).size === text.length;

/** Checks `--device`: its path in the container must be absolute. */
export function checkDevice(text: string): string {
  const parts = text.split(':');
  // a name of the container device interface, `vendor.com/class=name`, is the daemon's to check
  if (isQualifiedDevice(text)) return text;
  if (text.includes(':') && text.length < 2) throw new Error(`bad format for path: ${text}`);
  if (parts.length > 3) throw new Error(`bad format for path: ${text}`);
  const { PathOnHost, PathInContainer, CgroupPermissions = '' } = parseDevice(text);
  if (parts.length === 3 && !isPermissions(CgroupPermissions))
    throw new Error(`bad mode specified: ${CgroupPermissions}`);
  if (!PathInContainer?.startsWith('/'))
    throw new Error(`${PathInContainer ?? PathOnHost} is not an absolute path`);
  return text;
}

export const isQualifiedDevice = (text: string): boolean =>
  /^[A-Za-z][\w.-]*\/[A-Za-z][\w-]*=[\w.:-]+$/.test(text);

/** `--device-read-bps path:rate`, the rate in bytes or, for the `iops` flags, in operations a second. */
export function parseThrottle(text: string, unit: 'bytes' | 'operations'): ThrottleDevice {
  const colon = text.indexOf(':');
  if (colon < 1 || text.indexOf(':', colon + 1) >= 0) throw new Error(`bad format: ${text}`);
  const [Path, rate] = [text.slice(0, colon), text.slice(colon + 1)];
  if (!Path.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`);
  try {
    const Rate = unit === 'bytes' ? parseBytes(rate) : wholeNumber(rate);
    return { Path, Rate };
  } catch {
    const rest =
      unit === 'bytes'
        ? '<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb'
        : '<number>. Number must be a positive integer';
    throw new Error(`invalid rate for device: ${text}. The correct format is <device-path>:${rest}`);
  }
}

/** `--blkio-weight-device path:weight` */
export function parseWeightDevice(text: string): { Path: string; Weight: number } {
  const colon = text.indexOf(':');
  if (colon < 1 || text.indexOf(':', colon + 1) >= 0) throw new Error(`bad format: ${text}`);
  const Path = text.slice(0, colon);
  if (!Path.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`);
  const Weight = Number(text.slice(colon + 1));
  if (!Number.isInteger(Weight) || (Weight > 0 && (Weight < 10 || Weight > 1000))) {
    throw new Error(`invalid weight for device: ${text}`);
  }
  return { Path, Weight };
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(text);
  return Number(text);
}

/** `--cpus 1.5` in billionths. */
export function parseCpus(text: string): number {
  const found = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text) ?? /^([+-]?)()\.(\d+)$/.exec(text);
  if (found === null) throw new Error(`failed to parse ${text} as a rational number`);
  const [, sign, whole = '', fraction = ''] = found;
  if (fraction.replace(/0+$/, '').length > 9) throw new Error('value is too precise');
  return Number(`${sign}${whole}${fraction.slice(0, 9).padEnd(9, '0')}`);
}

/** `--gpus all`, `--gpus 2`, `--gpus device=0,capabilities=utility` */
export function parseGpus(text: string): DeviceRequest {
  const request = {
    Driver: '',
    Count: 0,
    DeviceIDs: [] as string[],
    Capabilities: [['gpu']],
    Options: {} as Record<string, string>,
  };
  let counted = false;
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    const [key, value] = equals < 0 ? ['count', field] : [field.slice(0, equals), field.slice(equals + 1)];
    counted ||= key === 'count' || key === 'device';
    if (key === 'driver') request.Driver = value;
    else if (key === 'count') request.Count = gpuCount(value);
    else if (key === 'device') request.DeviceIDs = value.split(',');
    else if (key === 'capabilities')
      request.Capabilities = [[...value.split(',').filter((each) => each !== 'gpu'), 'gpu']];
    else if (key === 'options') Object.assign(request.Options, Object.fromEntries([value.split('=', 2)]));
    else throw new Error(`unexpected key '${key}' in '${field}'`);
  }
  return counted ? request : { ...request, Count: 1 };
}

function gpuCount(text: string): number {
  if (text === 'all') return -1;
  if (!/^-?\d+$/.test(text))
    throw new Error(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`);
  return Number(text);
}
