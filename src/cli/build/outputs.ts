import type { BuildOutput } from '#api/build.ts';
import { Failure } from '../command.ts';
import { keyedFields } from './fields.ts';
import type { BuildFlags } from './flags.ts';

/** One output: what is asked of the daemon, and where its bytes go here. */
export interface Output {
  readonly asked: BuildOutput;
  /** A file, a folder (`local`), `-` for standard output; undefined when the daemon keeps it. */
  readonly dest?: string;
}

/**
 * The outputs of `-o`, `--push` and `--load`. None: the daemon records an image.
 *
 * @throws {Failure} in buildx's words
 */
export function readOutputs(flags: Pick<BuildFlags, 'output' | 'push' | 'load'>): readonly Output[] {
  const outputs = flags.output.map(readOutput);
  if (flags.push && !outputs.some(({ asked }) => asked.push)) {
    const image = outputs.findIndex(({ asked }) => asked.type === 'image');
    if (image < 0) outputs.push({ asked: { type: 'image', push: true } });
    else outputs[image] = { asked: { ...outputs[image]!.asked, push: true } };
  }
  if (flags.load && !outputs.some(({ asked }) => asked.type === 'image'))
    outputs.push({ asked: { type: 'image' } });
  if (outputs.filter(({ dest }) => dest === '-').length > 1)
    throw new Failure('ERROR: only one output may be written to standard output');
  return outputs;
}

type Compression = NonNullable<BuildOutput['compression']>;

function readOutput(text: string): Output {
  if (text === '-') return { asked: { type: 'tar' }, dest: '-' };
  if (!text.includes('=')) return { asked: { type: 'local' }, dest: text };
  const fields = attempt(() => keyedFields(text, 'output'));
  const type = fields.get('type');
  const dest = fields.get('dest') ?? fields.get('destination');
  const names = [...fields].filter(([key]) => key === 'name').flatMap(([, value]) => value.split(','));
  const common = {
    ...(names.length > 0 && { names }),
    ...(fields.has('compression') && { compression: compressionOf(fields.get('compression')!) }),
  };
  switch (type) {
    case undefined:
    case '':
      throw new Failure('ERROR: type is required for output');
    case 'registry':
      return { asked: { type: 'image', ...common, push: true } };
    case 'image':
      return { asked: { type: 'image', ...common, ...(isTrue(fields.get('push')) && { push: true }) } };
    case 'docker':
      // without a file, it is loaded: the daemon's own store is where images are
      return dest === undefined ? { asked: { type: 'image', ...common } } : fetched('docker', dest, common);
    case 'local':
      if (dest === undefined || dest === '') throw new Failure('ERROR: dest is required for local exporter');
      if (dest === '-') throw new Failure('ERROR: dest cannot be stdout for local exporter');
      return fetched('local', dest, common);
    case 'tar':
    case 'oci':
      return fetched(type, dest ?? '-', common);
    case 'cacheonly':
      return { asked: { type: 'cacheonly' } };
    default:
      throw new Failure(`ERROR: unsupported output type ${JSON.stringify(type)}`);
  }
}

const fetched = (
  type: 'local' | 'tar' | 'oci' | 'docker',
  dest: string,
  common: Partial<BuildOutput>,
): Output => ({
  asked: { type, ...common },
  dest: dest === '' ? '-' : dest,
});

const isTrue = (text: string | undefined) => text !== undefined && /^(1|t|true|)$/i.test(text);

function compressionOf(text: string): Compression {
  if (text === 'uncompressed' || text === 'gzip' || text === 'zstd') return text;
  throw new Failure(`ERROR: unsupported layer compression type: ${text}`);
}

function attempt<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Failure(`ERROR: ${(error as Error).message}`);
  }
}
