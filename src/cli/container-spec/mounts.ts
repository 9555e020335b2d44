import type { Mount } from '#api/index.ts';
import { parseBytes } from '../format/human.ts';
import * as platform from '../platform.ts';

export interface Volumes {
  readonly binds: readonly string[];
  /** Anonymous volumes by the place they go to. */
  readonly volumes: Record<string, object>;
}

/** Reads `--volume`: `[source:]target[:options]`. A source that starts with a dot is one of this directory. */
export function parseVolumes(specs: readonly string[]): Volumes {
  const binds: string[] = [];
  const volumes: Record<string, object> = {};
  for (const spec of specs) {
    const colon = spec.indexOf(':');
    if (spec === '') throw new Error('invalid spec: : empty section between colons');
    if (colon < 0) volumes[spec] = {};
    else {
      const source = spec.slice(0, colon);
      binds.push(source.startsWith('.') ? `${platform.absolute(source)}${spec.slice(colon)}` : spec);
    }
  }
  return { binds, volumes };
}

/** Reads `--tmpfs`: `target[:options]`. */
export const parseTmpfs = (specs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    specs.map((spec) => {
      const colon = spec.indexOf(':');
      return colon < 0 ? [spec, ''] : [spec.slice(0, colon), spec.slice(colon + 1)];
    }),
  );

/** The fields of a line of comma-separated values; one in quotes may hold commas. */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    fields.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
  }
  return fields;
}

type Draft = { -readonly [K in keyof Mount]?: Mount[K] };
type Setter = (mount: Draft, value: string, key: string) => void;

const flag = (value: string, key: string): boolean => {
  if (/^(1|t|true|)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new Error(
    `invalid value for '${key}': invalid boolean value ("${value}"): must be one of "true", "1", "false", or "0" (default "true")`,
  );
};
const source: Setter = (mount, value) => {
  mount.Source = /^\.{1,2}(\/|$)/.test(value) ? platform.absolute(value) : value;
};
const target: Setter = (mount, value) => {
  mount.Target = value;
};
const readOnly: Setter = (mount, value, key) => {
  mount.ReadOnly = flag(value, key);
};

const setters: Readonly<Record<string, Setter>> = {
  type: (mount, value) => {
    mount.Type = value.toLowerCase() as NonNullable<Mount['Type']>;
  },
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  readonly: readOnly,
  ro: readOnly,
  consistency: (mount, value) => {
    mount.Consistency = value.toLowerCase();
  },
  'bind-propagation': (mount, value) => {
    mount.BindOptions = { ...mount.BindOptions, Propagation: value.toLowerCase() as never };
  },
  'bind-nonrecursive': (mount, value, key) => {
    mount.BindOptions = { ...mount.BindOptions, NonRecursive: flag(value, key) };
  },
  'bind-recursive': (mount, value) => {
    const options: Record<string, object> = {
      enabled: {},
      disabled: { NonRecursive: true },
      writable: { ReadOnlyNonRecursive: true },
      readonly: { ReadOnlyForceRecursive: true },
    };
    if (options[value] === undefined)
      throw new Error(
        `invalid value for bind-recursive: "${value}" (must be "enabled", "disabled", "writable", or "readonly")`,
      );
    mount.BindOptions = { ...mount.BindOptions, ...options[value] };
  },
  'bind-create-mountpoint': (mount, value, key) => {
    mount.BindOptions = { ...mount.BindOptions, CreateMountpoint: flag(value, key) };
  },
  'volume-subpath': (mount, value) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, Subpath: value };
  },
  'volume-nocopy': (mount, value, key) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, NoCopy: flag(value, key) };
  },
  'volume-label': (mount, value) => {
    mount.VolumeOptions = {
      ...mount.VolumeOptions,
      Labels: { ...mount.VolumeOptions?.Labels, ...pair(value) },
    };
  },
  'volume-driver': (mount, value) => {
    const DriverConfig = { ...mount.VolumeOptions?.DriverConfig, Name: value };
    mount.VolumeOptions = { ...mount.VolumeOptions, DriverConfig };
  },
  'volume-opt': (mount, value) => {
    const driver = mount.VolumeOptions?.DriverConfig;
    const DriverConfig = { ...driver, Options: { ...driver?.Options, ...pair(value) } };
    mount.VolumeOptions = { ...mount.VolumeOptions, DriverConfig };
  },
  'image-subpath': (mount, value) => {
    mount.ImageOptions = { ...mount.ImageOptions, Subpath: value };
  },
  'tmpfs-size': (mount, value) => {
    mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes: parsed(value, 'tmpfs-size', parseBytes) };
  },
  'tmpfs-mode': (mount, value) => {
    if (!/^[0-7]+$/.test(value)) throw new Error(`invalid value for tmpfs-mode: ${value}`);
    mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: Number.parseInt(value, 8) };
  },
};

function parsed<T>(value: string, key: string, read: (text: string) => T): T {
  try {
    return read(value);
  } catch {
    throw new Error(`invalid value for ${key}: ${value}`);
  }
}

function pair(text: string): Record<string, string> {
  const equals = text.indexOf('=');
  return equals < 0 ? { [text]: '' } : { [text.slice(0, equals)]: text.slice(equals + 1) };
}

/**
 * Reads `--mount`: fields `key=value` separated by commas; `readonly` may stand alone.
 *
 * @throws Error in Docker's words
 */
export function parseMount(text: string): Mount {
  const mount: Draft = { Type: 'volume' };
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? '' : field.slice(equals + 1);
    const mayStandAlone = /^(readonly|ro|volume-nocopy|bind-nonrecursive|bind-create-mountpoint)$/.test(key);
    if (equals < 0 && !mayStandAlone) throw new Error(`invalid field '${field}' must be a key=value pair`);
    if (!Object.hasOwn(setters, key)) throw new Error(`unexpected key '${key}' in '${field}'`);
    setters[key]!(mount, value, key);
  }
  if (mount.Type === ('' as string)) throw new Error('type is required');
  if (mount.Target === undefined || mount.Target === '') throw new Error('target is required');
  const foreign = (['bind', 'volume', 'tmpfs', 'image'] as const).find(
    (type) => type !== mount.Type && mount[optionsOf[type]] !== undefined,
  );
  if (foreign !== undefined)
    throw new Error(`cannot mix '${foreign}-*' options with mount type '${mount.Type}'`);
  return mount;
}

const optionsOf = {
  bind: 'BindOptions',
  volume: 'VolumeOptions',
  tmpfs: 'TmpfsOptions',
  image: 'ImageOptions',
} as const;
