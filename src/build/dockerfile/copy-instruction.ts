import { invalid } from '#base/errors.ts';
import { copyWords } from './copy-words.ts';
import { type FlagTable, readFlags } from './flags.ts';
import { common, type InstructionSource } from './instruction-source.ts';
import type { CopyInstruction } from './syntax.ts';
import { blankWords, jsonWords } from './words.ts';

const copyFlags: FlagTable = {
  from: 'text',
  chown: 'text',
  chmod: 'text',
  link: 'boolean',
  parents: 'boolean',
  exclude: 'texts',
};
const addFlags: FlagTable = {
  chown: 'text',
  chmod: 'text',
  link: 'boolean',
  exclude: 'texts',
  checksum: 'text',
  'keep-git-dir': 'boolean',
  unpack: 'boolean',
};

/** COPY and ADD. @throws {EngineError} `invalid` */
export function copy(kind: 'COPY' | 'ADD', source: InstructionSource): CopyInstruction {
  const words = copyWords(kind, jsonWords(source.rest) ?? blankWords(source.rest), source.heredocs);
  const flags = readFlags(source.flags, kind === 'COPY' ? copyFlags : addFlags);
  const given = <Key extends string, Value>(key: Key, value: Value | undefined) =>
    (value === undefined || value === '' ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
  const fromName = flags.text('from');
  if (fromName !== undefined && /\$./.test(fromName))
    throw invalid(
      'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
    );
  return {
    kind,
    ...common(source),
    ...words,
    ...given('from', fromName),
    ...given('chown', flags.text('chown')),
    ...given('chmod', flags.text('chmod')),
    ...given('link', flags.boolean('link')),
    ...given('parents', flags.boolean('parents')),
    exclude: flags.texts('exclude'),
    ...given('checksum', flags.text('checksum')),
    ...given('keepGitDir', flags.boolean('keep-git-dir')),
    ...given('unpack', flags.boolean('unpack')),
  };
}
