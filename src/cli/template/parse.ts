import { ActionReader } from './action-reader.ts';
import { cutTemplate, line, type Piece, TemplateError } from './lex.ts';
import type { Node, Template } from './syntax.ts';

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
