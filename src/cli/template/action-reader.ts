import { line, TemplateError, type Token } from './lex.ts';
import type { Operand, Pipeline } from './syntax.ts';

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
export class ActionReader {
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
