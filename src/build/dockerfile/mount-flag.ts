import { posix } from 'node:path';
import { invalid } from '#base/errors.ts';
import { fieldsOf, type MountFields, readField } from './mount-fields.ts';

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

/** What a mount is of, by its name, before the rest of it is read: a stage, an image or a context. */
export const mountSourceOf = (text: string): string | undefined =>
  fieldsOf(text)
    .findLast((field) => /^from=/i.test(field))
    ?.slice('from='.length) || undefined;

/**
 * Reads `type=cache,target=/root/.cache`.
 *
 * @param expand puts variables into a field's value: after the text was split into fields, whose quotes are CSV's
 * @throws {EngineError} `invalid`, in BuildKit's words
 */
export function parseMount(text: string, expand: (value: string) => string = (value) => value): MountFlag {
  const fields: MountFields = { type: 'bind' };
  for (const field of fieldsOf(text)) readField(fields, field, expand);
  checkFields(fields);
  return flagOf(fields);
}

function checkFields(fields: MountFields): void {
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

function checkSecret({ from, sharing, source, target, id }: MountFields): void {
  if (from) throw invalid('secret mount should not have a from');
  if (sharing) throw invalid('secret mount should not define sharing');
  if (!source && !target && !id) throw invalid('invalid secret mount. one of source, target required');
  if (source && id) throw invalid("both source and id can't be set");
}

function flagOf(fields: MountFields): MountFlag {
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
function secretOf({ source, id, target, env }: MountFields): {
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
