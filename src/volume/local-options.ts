import { invalid } from '#base/errors.ts';

/** Options of the local driver: what to mount on the volume's folder, as mount(8) would. Empty: the folder itself. */
export interface LocalOptions {
  readonly type?: string;
  readonly o?: string;
  readonly device?: string;
}

const known = ['type', 'o', 'device', 'size'];

/** @throws {EngineError} `invalid` in Docker's words */
export function checkedOptions(
  name: string,
  options: Readonly<Record<string, string>> | undefined,
): LocalOptions {
  const given = options ?? {};
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw invalid(`create ${name}: invalid option: "${key}"`);
  }
  if (given['size'] !== undefined) throw invalid(`create ${name}: quota size requested but no quota support`);
  if (given['o'] !== undefined && given['device'] === undefined)
    throw invalid(`create ${name}: missing device in volume options`);
  if (given['type'] !== undefined && given['device'] === undefined)
    throw invalid(`create ${name}: missing device in volume options`);
  return given;
}
