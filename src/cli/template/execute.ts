import { functions, isTrue, type TemplateFunction } from './functions.ts';
import { line, TemplateError } from './lex.ts';
import { parseTemplate } from './parse.ts';
import { goString } from './print.ts';
import type { Node, Operand, Pipeline, Template } from './syntax.ts';

const known = new Set([...Object.keys(functions), 'and', 'or']);

/** What a template finds under a name. */
export interface Scope {
  /** Functions in place of those of the same name. */
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
  /** The value of a field, or throws the reason. A function among values is called with what follows it. */
  field(value: unknown, name: string): unknown;
}

/** Parses a template of Docker's `--format`. @throws {TemplateError} */
export const compile = (source: string): Template => parseTemplate(source, known);

/** Executes a template on a value. @throws {TemplateError} in Go's words, naming the place */
export function execute(template: Template, value: unknown, scope: Scope): string {
  const run = new Execution(template, scope);
  run.nodes(template.nodes, value);
  return run.output;
}

type Flow = 'break' | 'continue' | undefined;

class Execution {
  output = '';
  readonly #template: Template;
  readonly #scope: Scope;
  #variables: { name: string; value: unknown }[] = [];

  constructor(template: Template, scope: Scope) {
    this.#template = template;
    this.#scope = scope;
  }

  nodes(nodes: readonly Node[], dot: unknown): Flow {
    if (this.#variables.length === 0) this.#variables.push({ name: '$', value: dot });
    const mark = this.#variables.length;
    for (const node of nodes) {
      const flow = this.#node(node, dot);
      if (flow !== undefined) return flow;
    }
    // a body's variables end with it
    if (nodes !== this.#template.nodes) this.#variables.length = mark;
    return undefined;
  }

  #node(node: Node, dot: unknown): Flow {
    switch (node.kind) {
      case 'text':
        this.output += node.text;
        return undefined;
      case 'print': {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.output += goString(value, lastName(node.pipeline));
        return undefined;
      }
      case 'break':
      case 'continue':
        return node.kind;
      case 'template': {
        const body = this.#template.named.get(node.name);
        if (body === undefined) throw this.#error(0, '', `template "${node.name}" not defined`);
        this.nodes(body, node.pipeline === undefined ? undefined : this.#pipeline(node.pipeline, dot));
        return undefined;
      }
      case 'range':
        return this.#range(node, dot);
      default: {
        const mark = this.#variables.length;
        const value = this.#pipeline(node.pipeline, dot);
        const inner = node.kind === 'with' && isTrue(value) ? value : dot;
        const flow = this.nodes(isTrue(value) ? node.body : node.otherwise, inner);
        this.#variables.length = mark;
        return flow;
      }
    }
  }

  #range(node: Node & { kind: 'range' | 'if' | 'with' }, dot: unknown): Flow {
    const { variables, commands } = node.pipeline;
    const value = this.#pipeline({ variables: [], declares: false, commands }, dot);
    const items = elements(value);
    if (items === undefined)
      throw this.#error(0, textOf(commands), `range can't iterate over ${goString(value)}`);
    if (items.length === 0) return this.nodes(node.otherwise, dot);
    const mark = this.#variables.length;
    for (const [key, item] of items) {
      if (variables.length === 1) this.#variables.push({ name: variables[0]!, value: item });
      else
        for (const [i, name] of variables.entries())
          this.#variables.push({ name, value: i === 0 ? key : item });
      const flow = this.nodes(node.body, item);
      this.#variables.length = mark;
      if (flow === 'break') break;
    }
    return undefined;
  }

  #pipeline(pipeline: Pipeline, dot: unknown): unknown {
    let value: unknown;
    pipeline.commands.forEach((command, i) => {
      value = this.#command(command, dot, i === 0 ? [] : [value]);
    });
    for (const name of pipeline.variables) {
      if (pipeline.declares) this.#variables.push({ name, value });
      else this.#variable(name).value = value;
    }
    return value;
  }

  #command(command: readonly Operand[], dot: unknown, piped: readonly unknown[]): unknown {
    const [first, ...rest] = command as [Operand, ...Operand[]];
    if (first.kind !== 'function') {
      const args = rest.map((operand) => this.#operand(operand, dot));
      return this.#operand(first, dot, [...args, ...piped]);
    }
    if (first.name === 'and' || first.name === 'or') return this.#early(first.name, rest, dot, piped);
    const args = [...rest.map((operand) => this.#operand(operand, dot)), ...piped];
    try {
      return (this.#scope.functions?.[first.name] ?? functions[first.name]!)(...args);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      const place = `${first.name}${rest.map((operand) => ` ${operandText(operand)}`).join('')}`;
      throw this.#error(first.at, place, `error calling ${first.name}: ${(error as Error).message}`);
    }
  }

  #early(name: 'and' | 'or', operands: readonly Operand[], dot: unknown, piped: readonly unknown[]): unknown {
    let value: unknown = piped[0];
    for (const operand of operands) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #operand(operand: Operand, dot: unknown, args: readonly unknown[] = []): unknown {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'variable':
        return this.#variable(operand.name).value;
      case 'pipeline':
        return this.#pipeline(operand.pipeline, dot);
      case 'function':
        return this.#command([operand], dot, []);
      case 'fields':
        return this.#fields(operand, dot, args);
    }
  }

  #fields(operand: Operand & { kind: 'fields' }, dot: unknown, args: readonly unknown[]): unknown {
    let value = this.#operand(operand.base, dot);
    for (const name of operand.names) {
      try {
        value = this.#scope.field(value, name);
      } catch (error) {
        throw this.#error(operand.at, operand.text, (error as Error).message);
      }
    }
    return typeof value === 'function' ? value(...args) : value;
  }

  #variable(name: string): { name: string; value: unknown } {
    const found = this.#variables.findLast((each) => each.name === name);
    if (found === undefined) throw this.#error(0, name, `undefined variable "${name}"`);
    return found;
  }

  #error(at: number, text: string, message: string): TemplateError {
    const { source } = this.#template;
    const column = at - (source.lastIndexOf('\n', at - 1) + 1);
    return new TemplateError(`${line(source, at)}:${column}: executing "" at <${text}>: ${message}`);
  }
}

/** What a range runs over, as keys and elements; undefined when it cannot. */
function elements(value: unknown): [unknown, unknown][] | undefined {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return [...value.entries()];
  if (typeof value === 'number') return Array.from({ length: value }, (_, i) => [i, i]);
  if (typeof value !== 'object') return undefined;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The field that a pipeline prints, which tells what an object was in Go. */
function lastName({ commands }: Pipeline): string {
  const last = commands.at(-1)?.[0];
  return last?.kind === 'fields' ? last.names.at(-1)! : '';
}

const operandText = (operand: Operand): string => {
  if (operand.kind === 'fields') return operand.text;
  if (operand.kind === 'literal') return JSON.stringify(operand.value);
  if (operand.kind === 'variable' || operand.kind === 'function') return operand.name;
  return operand.kind === 'dot' ? '.' : `(${textOf(operand.pipeline.commands)})`;
};

function textOf(commands: Pipeline['commands']): string {
  return commands.map((command) => command.map(operandText).join(' ')).join(' | ');
}
