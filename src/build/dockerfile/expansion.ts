import { EngineError, invalid } from '#base/errors.ts';
import { replaced, withoutPrefix, withoutSuffix } from './shell-pattern.ts';
import { isSpace } from './words.ts';

/** A variable's value; undefined when it is unset. */
export type Lookup = (name: string) => string | undefined;

export interface ExpandOptions {
  /** The backslash when absent. */
  readonly escape?: '\\' | '`';
  /** Told of every variable that is looked up, and what it is: undefined when unset. */
  readonly report?: (name: string, value: string | undefined) => void;
}

/** What stays as it is written. */
export interface Kept {
  /** Quotes mean what they mean, and stay. */
  readonly rawQuotes?: boolean;
  readonly rawEscapes?: boolean;
  /** Quotes are characters like any. */
  readonly keepsQuotes?: boolean;
  /** A variable that is unset stays as written. */
  readonly keepsUnset?: boolean;
}

export interface Expanded {
  readonly text: string;
  readonly words: readonly string[];
}

/** Characters that a text may become: values that hold each other grow without bound otherwise. */
const maxLength = 4 * 1024 * 1024;

/** `${a:-${b:-…}}` */
const maxDepth = 100;

/** Gathers a text and the words in it. */
class Gathered {
  text = '';
  readonly words: string[] = [];
  #word = '';

  /** A value or plain characters: blanks end words. */
  add(characters: string): void {
    this.#count(characters);
    for (const character of characters) {
      if (!isSpace(character)) this.#word += character;
      else this.#endWord();
    }
  }

  /** Quoted or escaped: blanks are part of the word. */
  addRaw(characters: string): void {
    this.#count(characters);
    this.#word += characters;
  }

  #count(characters: string): void {
    this.text += characters;
    if (this.text.length > maxLength) throw invalid(`longer than ${maxLength} characters when expanded`);
  }

  #endWord(): void {
    if (this.#word !== '') this.words.push(this.#word);
    this.#word = '';
  }

  end(): Expanded {
    this.#endWord();
    return this;
  }
}

/** One pass over a text, as BuildKit's shell lexer makes it. */
export class Expansion {
  readonly #text: string;
  readonly #lookup: Lookup;
  readonly #options: ExpandOptions;
  readonly #kept: Kept;
  readonly #escape: string;
  #rawEscapes: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, lookup: Lookup, options: ExpandOptions, kept: Kept) {
    this.#text = text;
    this.#lookup = lookup;
    this.#options = options;
    this.#kept = kept;
    this.#escape = options.escape ?? '\\';
    this.#rawEscapes = kept.rawEscapes === true;
  }

  all(): Expanded {
    return this.#until(undefined, this.#rawEscapes);
  }

  get #peek(): string | undefined {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  #take(): string | undefined {
    const character = this.#peek;
    this.#at += character?.length ?? 0;
    return character;
  }

  /** Up to the stop character, which is taken, or the end of the text. */
  #until(stop: string | undefined, rawEscapes: boolean): Expanded {
    if (++this.#depth > maxDepth) throw invalid('substitutions are nested too deeply');
    const outside = this.#rawEscapes;
    this.#rawEscapes = rawEscapes;
    const gathered = new Gathered();
    for (;;) {
      gathered.addRaw(this.#matched(plain));
      const character = this.#peek;
      if (character === undefined && stop !== undefined) throw new UnexpectedEnd(stop);
      if (character === undefined || character === stop) break;
      this.#step(character, gathered);
    }
    this.#take();
    this.#rawEscapes = outside;
    this.#depth--;
    return gathered.end();
  }

  #step(character: string, gathered: Gathered): void {
    const hasQuotes = !this.#kept.keepsQuotes;
    if (character === '$') gathered.add(this.#dollar());
    else if (hasQuotes && character === "'") gathered.addRaw(this.#singleQuoted());
    else if (hasQuotes && character === '"') gathered.addRaw(this.#doubleQuoted());
    else if (this.#take() === this.#escape) {
      if (this.#rawEscapes) gathered.addRaw(character);
      gathered.addRaw(this.#take() ?? '');
    } else gathered.add(character);
  }

  get #quoteMark(): (quote: string) => string {
    return this.#kept.rawQuotes ? (quote) => quote : () => '';
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) {
      this.#at = this.#text.length;
      throw invalid('unexpected end of statement while looking for matching single-quote');
    }
    const inner = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return this.#quoteMark("'") + inner + this.#quoteMark("'");
  }

  #doubleQuoted(): string {
    this.#take();
    let result = this.#quoteMark('"');
    for (;;) {
      const character = this.#peek;
      if (character === undefined)
        throw invalid('unexpected end of statement while looking for matching double-quote');
      if (character === '$') result += this.#dollar();
      else if (this.#take() === '"') return result + this.#quoteMark('"');
      else if (character === this.#escape) result += this.#escapedInQuotes();
      else result += character;
    }
  }

  /** In double quotes only the quote, the dollar and the escape character itself can be escaped. */
  #escapedInQuotes(): string {
    const raw = this.#rawEscapes ? this.#escape : '';
    const next = this.#peek;
    if (next === undefined) return raw;
    if (next !== '"' && next !== '$' && next !== this.#escape) return raw + this.#escape;
    this.#take();
    return raw + next;
  }

  #dollar(): string {
    this.#take();
    if (this.#peek === '{') return this.#braced();
    const name = this.#name();
    if (name === '') return '$';
    return this.#value(name) ?? (this.#kept.keepsUnset ? `$${name}` : '');
  }

  #braced(): string {
    this.#take();
    const next = this.#peek;
    if (next === undefined) throw missingBrace();
    if (next === '{' || next === '}' || next === ':') throw invalid('syntax error: bad substitution');
    const name = this.#name();
    const modifier = this.#take();
    if (modifier === undefined) throw missingBrace();
    if (modifier === '}') return this.#value(name) ?? (this.#kept.keepsUnset ? `\${${name}}` : '');
    if (modifier === '/') return this.#replaced(name);
    if (modifier === ':') return this.#modified(name, this.#take() ?? '', ':');
    if ('+-?#%'.includes(modifier)) return this.#modified(name, modifier, '');
    throw invalid(`unsupported modifier (${modifier}) in substitution`);
  }

  /** @param colon `:` when an empty value counts as unset */
  #modified(name: string, modifier: string, colon: string): string {
    const isPattern = modifier === '#' || modifier === '%';
    const word = this.#argument('}', isPattern);
    const value = this.#value(name);
    if (value === undefined && this.#kept.keepsUnset) return `\${${name}${colon}${modifier}${word}}`;
    const isSet = value !== undefined && (colon === '' || value !== '');
    switch (modifier) {
      case '-':
        return isSet ? value : word;
      case '+':
        return isSet ? word : '';
      case '?':
        if (isSet) return value;
        throw invalid(
          `${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`,
        );
      case '#':
      case '%': {
        const longest = word.startsWith(modifier);
        const pattern = longest ? word.slice(1) : word;
        const without = modifier === '#' ? withoutPrefix : withoutSuffix;
        return without(value ?? '', pattern, { longest });
      }
      default:
        throw invalid(`unsupported modifier (${colon}${modifier}) in substitution`);
    }
  }

  #replaced(name: string): string {
    const all = this.#peek === '/';
    if (all) this.#take();
    const pattern = this.#argument('/', true);
    const by = this.#argument('}', true);
    const value = this.#value(name);
    if (value === undefined && this.#kept.keepsUnset) return `\${${name}/${all ? '/' : ''}${pattern}/${by}}`;
    return replaced(value ?? '', pattern, { by, all });
  }

  #argument(stop: '}' | '/', rawEscapes: boolean): string {
    try {
      return this.#until(stop, rawEscapes).text;
    } catch (error) {
      if (!(error instanceof UnexpectedEnd)) throw error;
      throw stop === '}' ? missingBrace() : invalid(`syntax error: missing '/' in \${}`);
    }
  }

  #value(name: string): string | undefined {
    const value = this.#lookup(name);
    if (name !== '') this.#options.report?.(name, value);
    return value;
  }

  /** Letters, digits and `_`; one that begins with a digit has digits alone, and special parameters are one character. */
  #name(): string {
    return this.#matched(names);
  }

  #matched(sticky: RegExp): string {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}

/** What means nothing to any expansion, for speed. */
const plain = /[A-Za-z0-9_.,:;=+-]+/y;

const names = /\p{Nd}+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*/uy;

const missingBrace = () => invalid("syntax error: missing '}'");

class UnexpectedEnd extends EngineError {
  constructor(stop: string) {
    super('invalid', `unexpected end of statement while looking for matching ${stop}`);
  }
}
