import type { Dockerfile, Location } from './syntax.ts';

const rule = '--------------------';

/** Lines shown around an instruction of one line; a longer one has half as many. */
const around = 4;

/**
 * The lines of a location, marked, with some around them:
 *
 *     Dockerfile:3
 *     --------------------
 *        2 |
 *        3 | >>> RUN false
 *     --------------------
 *
 * Nothing when the location is not in the file.
 */
export function excerptOf(
  { lines }: Pick<Dockerfile, 'lines'>,
  location: Location,
  name = 'Dockerfile',
): string {
  const first = location.start.line;
  const last = Math.min(location.end.line, lines.length);
  if (first < 1 || first > lines.length) return '';
  const { start, end } = widened(first, last, lines.length);
  const shown = lines.slice(start - 1, end).map((line, index) => {
    const number = start + index;
    const mark = number >= first && number <= last ? '>>>' : '   ';
    return ` ${String(number).padStart(3)} | ${mark} ${line}`;
  });
  return `${[`${name}:${first}`, rule, ...shown, rule].join('\n')}\n`;
}

/** As BuildKit counts: a line at each end and one for the round, until there are enough. */
function widened(
  first: number,
  last: number,
  count: number,
): { readonly start: number; readonly end: number } {
  let [start, end] = [first, last];
  for (let lines = 0; lines < (first === last ? around : around / 2); lines++) {
    if (start > 1) {
      start--;
      lines++;
    }
    if (end !== count) {
      end++;
      lines++;
    }
  }
  return { start, end };
}
