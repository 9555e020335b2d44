/**
 * The fields of one line of CSV, as Go's reader has them: `a,"b,""c"""`.
 *
 * @returns what is wrong, as a text, when it is none
 */
export function csvFields(line: string): readonly string[] | string {
  if (line === '') return 'EOF';
  const fields: string[] = [];
  for (let at = 0; ; ) {
    const field = line[at] === '"' ? quoted(line, at) : bare(line, at);
    if (typeof field === 'string') return field;
    fields.push(field.text);
    if (field.end >= line.length) return fields;
    at = field.end + 1;
  }
}

interface Field {
  readonly text: string;
  /** Of the comma behind it, or the line. */
  readonly end: number;
}

function bare(line: string, start: number): Field | string {
  const comma = line.indexOf(',', start);
  const end = comma < 0 ? line.length : comma;
  const text = line.slice(start, end);
  if (text.includes('"'))
    return `parse error on line 1, column ${start + text.indexOf('"') + 1}: bare " in non-quoted field`;
  return { text, end };
}

function quoted(line: string, start: number): Field | string {
  const parts: string[] = [];
  for (let at = start + 1; ; ) {
    const quote = line.indexOf('"', at);
    if (quote < 0)
      return `parse error on line 1, column ${line.length + 1}: extraneous or missing " in quoted field`;
    parts.push(line.slice(at, quote));
    const next = line[quote + 1];
    if (next === undefined || next === ',') return { text: parts.join('"'), end: quote + 1 };
    if (next !== '"')
      return `parse error on line 1, column ${quote + 1}: extraneous or missing " in quoted field`;
    at = quote + 2;
  }
}
