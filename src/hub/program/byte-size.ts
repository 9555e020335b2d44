import { invalid } from '#base/errors.ts';

const units = 'bkmgtp';

/** `10GB`, `512m`, `1048576`: by 1024, as in docker's flags. @throws {EngineError} `invalid` */
export function parseBytes(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  const bytes =
    match === null ? Number.NaN : Number(match[1]) * 1024 ** units.indexOf(match[2]!.toLowerCase() || 'b');
  if (!Number.isSafeInteger(Math.floor(bytes))) throw invalid(`invalid size: '${text}'`);
  return Math.floor(bytes);
}
