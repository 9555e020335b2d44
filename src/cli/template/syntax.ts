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
