import { posix } from 'node:path';
import { invalid } from '#base/errors.ts';
import { csvFields } from './csv.ts';
import { suggestion } from './suggest.ts';

/** Owner and mode of what is mounted; the mount's own default when absent. */
interface FileMode {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** A `--mount=` of RUN, as it says. Targets may be relative to the working directory, or (bind, cache) empty: that itself. */
export type MountFlag =
  | {
      readonly type: 'bind';
      readonly target: string;
      readonly source?: string;
      readonly from?: string;
      readonly writable: boolean;
    }
  | ({
      readonly type: 'cache';
      readonly target: string;
      /** The target names it when absent. */
      readonly id?: string;
      readonly sharing: 'shared' | 'private' | 'locked';
      readonly from?: string;
      readonly source?: string;
      readonly readonly: boolean;
    } & FileMode)
  | { readonly type: 'tmpfs'; readonly target: string /** Bytes. */; readonly size?: number }
  | ({
      readonly type: 'secret';
      readonly id: string;
      /** Absent when it is only an environment variable. */
      readonly target?: string;
      readonly env?: string;
      readonly required: boolean;
    } & FileMode)
  | ({
      readonly type: 'ssh';
      readonly id: string;
      readonly target?: string;
      readonly required: boolean;
    } & FileMode);

type MountType = MountFlag['type'];

const types: readonly string[] = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] satisfies MountType[];
const sharings: readonly string[] = ['shared', 'private', 'locked'];

/** What the fields say, before the type says what of it may be. */
interface Fields {
  type: MountType;
  from?: string;
  source?: string;
  target?: string;
  readonly?: boolean;
  required?: boolean;
  size?: number;
  id?: string;
  sharing?: 'shared' | 'private' | 'locked';
  env?: string;
  mode?: number;
  uid?: number;
  gid?: number;
}

/**
 * What can be known of a mount before variables are: that it is a list of fields, and names its stage itself.
 *
 * @throws {EngineError} `invalid`
 */
export function checkMount(text: string): void {
  for (const field of fieldsOf(text))
    if (/^from=.*\$./is.test(field))
      throw invalid("'from' doesn't support variable expansion, define alias stage instead");
}

/**
 * Reads `type=cache,target=/root/.cache`.
 *
 * @param expand puts variables into a field's value: after the text was split into fields, whose quotes are CSV's
 * @throws {EngineError} `invalid`, in BuildKit's words
 */
export function parseMount(text: string, expand: (value: string) => string = (value) => value): MountFlag {
  const fields: Fields = { type: 'bind' };
  for (const field of fieldsOf(text)) readField(fields, field, expand);
  checkFields(fields);
  return flagOf(fields);
}

function fieldsOf(text: string): readonly string[] {
  const fields = csvFields(text);
  if (typeof fields === 'string') throw invalid(`failed to parse csv mounts: ${fields}`);
  return fields;
}

const keys: readonly string[] = [
  'type',
  'from',
  'source',
  'target',
  'readonly',
  'id',
  'sharing',
  'required',
  'size',
  'mode',
  'uid',
  'gid',
  'env',
  'src',
  'dst',
  'destination',
  'ro',
  'rw',
  'readwrite',
];

function readField(fields: Fields, field: string, expand: (value: string) => string): void {
  const equals = field.indexOf('=');
  const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
  const value = equals < 0 ? undefined : expand(field.slice(equals + 1));
  switch (key) {
    case 'readonly':
    case 'ro':
      fields.readonly = booleanOf(key, value);
      return;
    case 'readwrite':
    case 'rw':
      fields.readonly = !booleanOf(key, value);
      return;
    case 'required':
      onlyFor(key, fields.type, ['secret', 'ssh']);
      fields.required = booleanOf(key, value);
      return;
  }
  if (value === undefined) throw invalid(`invalid field '${field}' must be a key=value pair`);
  readValue(fields, key, { value, field });
}

function readValue(
  fields: Fields,
  key: string,
  { value, field }: { readonly value: string; readonly field: string },
): void {
  switch (key) {
    case 'type':
      fields.type = oneOf(value, types, 'mount type') as MountType;
      return;
    case 'from':
      fields.from = value;
      return;
    case 'source':
    case 'src':
      fields.source = value;
      return;
    case 'target':
    case 'dst':
    case 'destination':
      fields.target = value;
      return;
    case 'size':
      onlyFor(key, fields.type, ['tmpfs']);
      fields.size = sizeOf(value);
      return;
    case 'id':
      fields.id = value;
      return;
    case 'sharing':
      fields.sharing = oneOf(value, sharings, 'sharing value') as NonNullable<Fields['sharing']>;
      return;
    case 'mode':
      fields.mode = numberOf(key, value, /^[0-7]{1,11}$/, 8);
      return;
    case 'uid':
    case 'gid':
      fields[key] = numberOf(key, value, /^\d{1,10}$/, 10);
      return;
    case 'env':
      fields.env = value;
      return;
    default:
      throw invalid(`unexpected key '${key}' in '${field}'${suggestion(key, keys)}`);
  }
}

function oneOf(value: string, known: readonly string[], what: string): string {
  const lower = value.toLowerCase();
  if (known.includes(lower)) return lower;
  throw invalid(`unsupported ${what} ${JSON.stringify(value)}${suggestion(value, known)}`);
}

function onlyFor(key: string, type: MountType, allowed: readonly MountType[]): void {
  if (!allowed.includes(type)) throw invalid(`unexpected key '${key}' for mount type '${type}'`);
}

/** Go's `ParseBool`; a key alone is true. */
function booleanOf(key: string, value: string | undefined): boolean {
  if (value === undefined || /^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw invalid(`invalid value for ${key}: ${value}`);
}

function numberOf(key: string, value: string, form: RegExp, radix: number): number {
  const number = form.test(value) ? Number.parseInt(value, radix) : Number.NaN;
  if (!(number <= 0xffffffff)) throw invalid(`invalid value ${value} for ${key}`);
  return number;
}

const units = ['', 'k', 'm', 'g', 't', 'p'];

/** `64m`, `1.5GiB`: powers of 1024. */
function sizeOf(value: string): number {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,15})?) ?([kmgtp]?)i?b?$/i.exec(value) ?? [];
  if (number === undefined) throw invalid(`invalid value for size: ${value}`);
  return Math.trunc(Number(number) * 1024 ** units.indexOf(unit.toLowerCase()));
}

function checkFields(fields: Fields): void {
  const { type } = fields;
  if (type === 'bind' || type === 'tmpfs')
    for (const key of ['mode', 'uid', 'gid'] as const)
      if (fields[key] !== undefined) throw invalid(`${key} not allowed for "${type}" type mounts`);
  if (type === 'secret') checkSecret(fields);
  else if (fields.env !== undefined) throw invalid(`unexpected key 'env' for mount type '${type}'`);
  if (fields.sharing !== undefined && type !== 'cache')
    throw invalid(`invalid cache sharing set for ${type} mount`);
  if (type !== 'secret' && fields.target !== undefined && posix.normalize(fields.target) === '/')
    throw invalid('invalid mount target "/"');
}

function checkSecret({ from, sharing, source, target, id }: Fields): void {
  if (from) throw invalid('secret mount should not have a from');
  if (sharing) throw invalid('secret mount should not define sharing');
  if (!source && !target && !id) throw invalid('invalid secret mount. one of source, target required');
  if (source && id) throw invalid("both source and id can't be set");
}

function flagOf(fields: Fields): MountFlag {
  const { type, target = '' } = fields;
  const files = {
    ...(fields.mode === undefined ? {} : { mode: fields.mode }),
    ...(fields.uid === undefined ? {} : { uid: fields.uid }),
    ...(fields.gid === undefined ? {} : { gid: fields.gid }),
  };
  const origin = {
    ...(fields.from ? { from: fields.from } : {}),
    ...(fields.source ? { source: fields.source } : {}),
  };
  switch (type) {
    case 'bind':
      return { type, target, ...origin, writable: fields.readonly === false };
    case 'cache':
      return {
        type,
        target,
        ...(fields.id ? { id: fields.id } : {}),
        sharing: fields.sharing ?? 'shared',
        ...origin,
        readonly: fields.readonly === true,
        ...files,
      };
    case 'tmpfs':
      return { type, target, ...(fields.size ? { size: fields.size } : {}) };
    case 'secret':
      return { type, ...secretOf(fields), required: fields.required === true, ...files };
    case 'ssh':
      return {
        type,
        id: fields.source || fields.id || 'default',
        ...(target === '' ? {} : { target }),
        required: fields.required === true,
        ...files,
      };
  }
}

/** A secret without a target is at /run/secrets, unless it is asked for as a variable. */
function secretOf({ source, id, target, env }: Fields): {
  readonly id: string;
  readonly target?: string;
  readonly env?: string;
} {
  const name = source || id || posix.basename(target!);
  const place = target || (env ? undefined : `/run/secrets/${posix.basename(name)}`);
  return {
    id: name,
    ...(place === undefined ? {} : { target: place }),
    ...(env ? { env } : {}),
  };
}
