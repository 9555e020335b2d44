/**
 * Lays out JSON texts with four spaces a level and leaves every token as it was written, as Go's `json.Indent` does:
 * numbers keep their digits and strings their escapes.
 */
export function indentJson(text: string, start = ''): string {
  let result = '';
  let margin = `\n${start}`;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      const end = stringEnd(text, at);
      result += text.slice(at, end);
      at = end - 1;
    } else if (char === '{' || char === '[') {
      const close = nextSolid(text, at + 1);
      if (text[close] === '}' || text[close] === ']') {
        result += char + text[close];
        at = close;
        continue;
      }
      margin += '    ';
      result += char + margin;
    } else if (char === '}' || char === ']') {
      margin = margin.slice(0, -4);
      result += margin + char;
    } else if (char === ',') result += char + margin;
    else if (char === ':') result += ': ';
    else if (!/\s/.test(char)) result += char;
  }
  return result;
}

function stringEnd(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function nextSolid(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}
