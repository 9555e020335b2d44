/** A token of an action: what stands between `{{` and `}}`. */
export interface Token {
  readonly kind: 'field' | 'variable' | 'word' | 'string' | 'number' | 'dot' | 'sign' | 'space';
  /** As written; a string's is what it stands for. */
  readonly text: string;
  /** Offset in the template. */
  readonly at: number;
}

/** A template cut into literal text and actions. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly at: number };

/** A mistake in a template, in the words of Go's text/template. */
export class TemplateError extends Error {}

const patterns: readonly [Token['kind'] | 'raw' | 'quoted' | 'char', RegExp][] = [
  ['space', /[ \t\r\n]+/y],
  ['quoted', /"(?:[^"\\\n]|\\.)*"/y],
  ['raw', /`[^`]*`/y],
  ['char', /'(?:[^'\\]|\\.)'/y],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['number', /[+-]?(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)/iy],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['dot', /\./y],
  ['sign', /:=|[|()=,]/y],
];

/** Cuts a template. `{{-` and `-}}` take the white space beside them away; comments are dropped. */
export function cutTemplate(template: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  const push = (literal: string, trimEnd: boolean) => {
    let text = trimNext ? literal.trimStart() : literal;
    if (trimEnd) text = text.trimEnd();
    if (text !== '') pieces.push({ kind: 'text', text });
  };
  for (;;) {
    const open = template.indexOf('{{', at);
    if (open < 0) break;
    const trims = /^\{\{-\s/.test(template.slice(open, open + 4));
    push(template.slice(at, open), trims);
    const inner = open + (trims ? 3 : 2);
    const comment = /^\s*\/\*[\s\S]*?\*\/(\s-)?\}\}/.exec(template.slice(inner));
    if (comment !== null) {
      trimNext = comment[1] !== undefined;
      at = inner + comment[0].length;
      continue;
    }
    const { tokens, end, trim } = tokenize(template, inner);
    pieces.push({ kind: 'action', tokens, at: inner });
    trimNext = trim;
    at = end;
  }
  push(template.slice(at), false);
  return pieces;
}

function tokenize(template: string, from: number): { tokens: Token[]; end: number; trim: boolean } {
  const tokens: Token[] = [];
  let at = from;
  for (;;) {
    const close = /(?:\s-)?\}\}/y;
    close.lastIndex = at;
    const closed = close.exec(template);
    if (closed !== null) return { tokens, end: close.lastIndex, trim: closed[0].length > 2 };
    if (at >= template.length) throw new TemplateError(`${line(template, from)}: unclosed action`);
    const token = nextToken(template, at);
    tokens.push(token.token);
    at = token.end;
  }
}

function nextToken(template: string, at: number): { token: Token; end: number } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(template)?.[0];
    if (found === undefined) continue;
    const end = at + found.length;
    if (kind === 'quoted') return { token: { kind: 'string', text: unquote(found), at }, end };
    if (kind === 'raw') return { token: { kind: 'string', text: found.slice(1, -1), at }, end };
    if (kind === 'char') {
      return {
        token: { kind: 'number', text: String(unquote(`"${found.slice(1, -1)}"`).codePointAt(0)), at },
        end,
      };
    }
    return { token: { kind, text: found, at }, end };
  }
  const char = String.fromCodePoint(template.codePointAt(at)!);
  if (char === '"') throw new TemplateError(`${line(template, at)}: unterminated quoted string`);
  if (char === '`') throw new TemplateError(`${line(template, at)}: unterminated raw quoted string`);
  const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  throw new TemplateError(`${line(template, at)}: unrecognized character in action: U+${code} '${char}'`);
}

function unquote(text: string): string {
  const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };
  return text
    .slice(1, -1)
    .replace(/\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[0-7]{3}|.)/gi, (_, code: string) => {
      if (/^[xuU]/.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
      if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
      return escapes[code] ?? code;
    });
}

/** Where in a template something is: `template: :1`. */
export const line = (template: string, at: number): string =>
  `template: :${template.slice(0, at).split('\n').length}`;
