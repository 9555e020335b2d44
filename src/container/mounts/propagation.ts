import { readFileSync } from 'node:fs';
import { invalid } from '#base/errors.ts';

/**
 * Checks that mounts can travel to or from a bind's source as it asks.
 *
 * @throws {EngineError} `invalid` in Docker's words: `path /a is mounted on / but it is not a shared mount`
 */
export function checkPropagation(source: string, propagation: string): void {
  const wanted = propagation.replace(/^r/, '');
  if (wanted !== 'shared' && wanted !== 'slave') return;
  const { place, fields } = mountOf(source);
  const isShared = fields.some((field) => field.startsWith('shared:'));
  const isSlave = fields.some((field) => field.startsWith('master:'));
  if (wanted === 'shared' && !isShared)
    throw invalid(`path ${source} is mounted on ${place} but it is not a shared mount`);
  if (wanted === 'slave' && !isShared && !isSlave)
    throw invalid(`path ${source} is mounted on ${place} but it is not a shared or slave mount`);
}

/** The mount that a path is on. @see proc_pid_mountinfo(5): the optional fields stand from the seventh to a hyphen */
function mountOf(path: string): { readonly place: string; readonly fields: readonly string[] } {
  let found = { place: '', fields: [] as readonly string[] };
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const words = line.split(' ');
    const place = (words[4] ?? '').replace(/\\(\d{3})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    );
    const isAbove = place !== '' && (path === place || path.startsWith(place === '/' ? '/' : `${place}/`));
    if (isAbove && place.length >= found.place.length)
      found = { place, fields: words.slice(6, words.indexOf('-', 6)) };
  }
  return found;
}
