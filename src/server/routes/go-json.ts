import { invalid } from '#base/errors.ts';

/**
 * JSON of a query, refused in Go's words where they can be told.
 *
 * @param what in front of them: `error reading labels: `
 * @throws {EngineError} `invalid`
 */
export function goJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(`${what}${reasonOf(text, cause as Error)}`, { cause });
  }
}

function reasonOf(text: string, { message }: Error): string {
  const first = text.trimStart().charAt(0);
  const place = Number(/at position (\d+)/.exec(message)?.[1] ?? -1);
  const isCut = place >= text.length || /end of JSON input|Unterminated/i.test(message);
  if (first === '' || isCut) return 'unexpected end of JSON input';
  if (!/[[{"\d\-tfn]/.test(first)) return `invalid character '${first}' looking for beginning of value`;
  return message;
}
