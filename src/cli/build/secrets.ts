import { Failure } from '../command.ts';
import * as platform from '../platform.ts';
import { bytesOfText } from './context/byte-strings.ts';
import { keyedFields } from './fields.ts';

/** The largest secret. Bytes. */
const maxSize = 500 << 10;

interface Secret {
  readonly id: string;
  readonly from: { readonly file: string } | { readonly variable: string };
}

/**
 * Reads `--secret id=…[,src=…][,env=…][,type=file|env]`: without a source, the variable of that name or else the file.
 *
 * @throws {Failure}
 */
export function readSecret(text: string, has: (variable: string) => boolean): Secret {
  let fields: ReadonlyMap<string, string>;
  try {
    fields = keyedFields(text, 'secret');
  } catch (error) {
    throw new Failure(`ERROR: ${(error as Error).message}`);
  }
  const known = ['id', 'type', 'src', 'source', 'env'];
  const unexpected = [...fields.keys()].find((key) => !known.includes(key));
  if (unexpected !== undefined) throw new Failure(`ERROR: unexpected key '${unexpected}' in '${text}'`);
  const type = fields.get('type') ?? '';
  if (!['', 'file', 'env'].includes(type)) throw new Failure(`ERROR: unsupported secret type "${type}"`);
  const source = fields.get('src') ?? fields.get('source');
  const variable = fields.get('env') ?? (type === 'env' ? source : undefined);
  const id = fields.get('id') || variable || (source?.split('/').at(-1) ?? '');
  if (id === '') throw new Failure(`ERROR: secret missing ID: ${JSON.stringify(text)}`);
  if (variable !== undefined) return { id, from: { variable } };
  if (source !== undefined) return { id, from: { file: source } };
  if (type !== 'file' && has(id)) return { id, from: { variable: id } };
  return { id, from: { file: id } };
}

/** The values of `--secret`, by id, in base64. @throws {Failure} */
export async function secretValues(given: readonly string[]): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const text of given) {
    const { id, from } = readSecret(text, (name) => platform.env[name] !== undefined);
    if ('file' in from) values[id] = btoa(await fileBytes(from.file));
    else {
      const value = platform.env[from.variable];
      if (value === undefined) throw new Failure(`ERROR: environment variable ${from.variable} is not set`);
      values[id] = btoa(bytesOfText(value));
    }
    if (values[id]!.length > (maxSize * 4) / 3 + 4)
      throw new Failure(`ERROR: invalid secret size > ${maxSize} bytes: ${id}`);
  }
  return values;
}

async function fileBytes(path: string): Promise<string> {
  let bytes = '';
  try {
    for await (const chunk of platform.readBytes(bytesOfText(path))) {
      for (const byte of chunk) bytes += String.fromCharCode(byte);
      if (bytes.length > maxSize) break;
    }
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT';
    throw new Failure(
      `ERROR: failed to stat ${path}: ${missing ? `stat ${path}: no such file or directory` : (error as Error).message}`,
    );
  }
  return bytes;
}
