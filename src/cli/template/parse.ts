import { cutTemplate, line, type Piece, TemplateError, type Token } from './lex.ts';

/** What a pipeline's commands are made of. `at` is for messages. */
export type Operand =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'dot' }
  | {
      readonly kind: 'fields';
      readonly base: Operand;
      readonly names: readonly string[];
      readonly at: number;
      readonly text: string;
    }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string; readonly at: number }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline };

export interface Pipeline {
  /** Variables to be set: one, or a range's index and element. */
  readonly variables: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly kind: 'break' | 'continue' };

export interface Template {
  readonly source: string;
  readonly nodes: readonly Node[];
  readonly named: ReadonlyMap<string, readonly Node[]>;
}

/**
 * Parses a template of Go's text/template.
 *
 * @param functions the names that may be called
 * @throws {TemplateError}
 */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Template {
  const parser = new Parser(source, functions);
  const { nodes, ended } = parser.nodes();
  if (ended !== 'eof') throw new TemplateError(`${line(source, parser.at)}: unexpected {{${ended}}}`);
  return { source, nodes, named: parser.named };
}

class Parser {
  readonly named = new Map<string, readonly Node[]>();
  at = 0;
  readonly #source: string;
  readonly #functions: ReadonlySet<string>;
  readonly #pieces: Piece[];

  constructor(source: string, functions: ReadonlySet<string>) {
    this.#source = source;
    this.#functions = functions;
    this.#pieces = cutTemplate(source);
  }

  /** The nodes up to an `else`, an `end` or the template's end. `rest` is what follows the `else`. */
  nodes(): { nodes: Node[]; ended: 'else' | 'end' | 'eof'; rest?: ActionReader } {
    const nodes: Node[] = [];
    for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      this.at = piece.at;
      const reader = new ActionReader(piece.tokens, {
        source: this.#source,
        functions: this.#functions,
        at: piece.at,
      });
      const word = reader.keyword();
      if (word === 'end' || word === 'else') return { nodes, ended: word, rest: reader };
      const node = this.#action(word, reader);
      if (node !== undefined) nodes.push(node);
    }
    return { nodes, ended: 'eof' };
  }

  #action(word: string | undefined, reader: ActionReader): Node | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(word, reader);
      case 'break':
      case 'continue':
        return { kind: word };
      case 'template':
        return {
          kind: 'template',
          name: reader.string(),
          pipeline: reader.done ? undefined : reader.pipeline(),
        };
      case 'define': {
        const name = reader.string();
        this.named.set(name, this.#untilEnd());
        return undefined;
      }
      case 'block': {
        const name = reader.string();
        const pipeline = reader.pipeline();
        this.named.set(name, this.#untilEnd());
        return { kind: 'template', name, pipeline };
      }
      default:
        return { kind: 'print', pipeline: reader.pipeline() };
    }
  }

  #control(kind: 'if' | 'with' | 'range', reader: ActionReader): Node {
    const pipeline = reader.pipeline();
    const { nodes: body, ended, rest } = this.nodes();
    if (ended === 'eof') throw this.#unexpectedEnd();
    if (ended === 'end') return { kind, pipeline, body, otherwise: [] };
    const word = rest!.keyword();
    // `else if` holds the rest of the chain, and shares its end
    if (word === 'if' || word === 'with')
      return { kind, pipeline, body, otherwise: [this.#control(word, rest!)] };
    return { kind, pipeline, body, otherwise: this.#untilEnd() };
  }

  #untilEnd(): readonly Node[] {
    const { nodes, ended } = this.nodes();
    if (ended === 'eof') throw this.#unexpectedEnd();
    return nodes;
  }

  #unexpectedEnd = () => new TemplateError(`${line(this.#source, this.#source.length)}: unexpected EOF`);
}

const keywords = new Set([
  'if',
  'with',
  'range',
  'else',
  'end',
  'define',
  'template',
  'block',
  'break',
  'continue',
]);

/** Reads the tokens of one action. */
class ActionReader {
  readonly #tokens: Token[];
  readonly #context: { source: string; functions: ReadonlySet<string>; at: number };

  constructor(
    tokens: readonly Token[],
    context: { source: string; functions: ReadonlySet<string>; at: number },
  ) {
    this.#tokens = [...tokens];
    this.#context = context;
  }

  get done(): boolean {
    this.#skipSpace();
    return this.#tokens.length === 0;
  }

  /** Takes a keyword when one is next. */
  keyword(): string | undefined {
    this.#skipSpace();
    const [first] = this.#tokens;
    if (first?.kind !== 'word' || !keywords.has(first.text)) return undefined;
    this.#tokens.shift();
    return first.text;
  }

  string(): string {
    this.#skipSpace();
    const token = this.#tokens.shift();
    if (token?.kind !== 'string') throw this.#error(`unexpected ${quoted(token)} in template clause`);
    return token.text;
  }

  pipeline(): Pipeline {
    const { variables, declares } = this.#assignment();
    const commands: Operand[][] = [[]];
    for (;;) {
      this.#skipSpace();
      const [token] = this.#tokens;
      if (token === undefined || token.text === ')') break;
      if (token.kind === 'sign' && token.text === '|') {
        this.#tokens.shift();
        commands.push([]);
      } else commands.at(-1)!.push(this.#operand());
    }
    if (commands.some((command) => command.length === 0)) throw this.#error('missing value for command');
    return { variables, declares, commands };
  }

  /** `$a :=`, `$a =`, `$i, $a :=` */
  #assignment(): { variables: string[]; declares: boolean } {
    this.#skipSpace();
    const significant = this.#tokens.filter((token) => token.kind !== 'space');
    const two = significant[1]?.text === ',' ? 2 : 0;
    const sign = significant[two + 1];
    if (significant[0]?.kind !== 'variable' || (sign?.text !== ':=' && sign?.text !== '=')) {
      return { variables: [], declares: false };
    }
    const names = two === 0 ? [significant[0].text] : [significant[0].text, significant[2]!.text];
    this.#tokens.splice(0, this.#tokens.indexOf(sign) + 1);
    return { variables: names, declares: sign.text === ':=' };
  }

  #operand(): Operand {
    const token = this.#tokens.shift()!;
    const base = this.#base(token);
    const names: string[] = token.kind === 'field' ? [token.text.slice(1)] : [];
    // Go places a chain at its second part
    const at = this.#tokens[0]?.kind === 'field' ? this.#tokens[0].at : token.at;
    while (this.#tokens[0]?.kind === 'field') names.push(this.#tokens.shift()!.text.slice(1));
    if (names.length === 0) return base;
    const text = `${token.kind === 'field' ? '' : token.text}.${names.join('.')}`;
    return { kind: 'fields', base, names, at, text };
  }

  #base(token: Token): Operand {
    if (token.kind === 'dot' || token.kind === 'field') return { kind: 'dot' };
    if (token.kind === 'string') return { kind: 'literal', value: token.text };
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'variable') return { kind: 'variable', name: token.text };
    if (token.kind === 'word') return this.#word(token);
    if (token.text !== '(') throw this.#error(`unexpected ${quoted(token)} in operand`);
    const pipeline = this.pipeline();
    this.#skipSpace();
    if (this.#tokens.shift() === undefined) throw this.#error('unclosed left paren');
    return { kind: 'pipeline', pipeline };
  }

  #word(token: Token): Operand {
    const constants: Record<string, unknown> = { true: true, false: false, nil: null };
    if (Object.hasOwn(constants, token.text)) return { kind: 'literal', value: constants[token.text] };
    if (!this.#context.functions.has(token.text)) throw this.#error(`function "${token.text}" not defined`);
    return { kind: 'function', name: token.text, at: token.at };
  }

  #skipSpace(): void {
    while (this.#tokens[0]?.kind === 'space') this.#tokens.shift();
  }

  #error = (message: string) =>
    new TemplateError(`${line(this.#context.source, this.#context.at)}: ${message}`);
}

const quoted = (token: Token | undefined) => (token === undefined ? 'EOF' : JSON.stringify(token.text));
