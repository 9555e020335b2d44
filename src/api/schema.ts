/**
 * A wire type as data: what a request's body is decoded by, and what its static type is taken from.
 *
 *     export const RestartPolicy = object({ Name: string, MaximumRetryCount: integer });
 *     export type RestartPolicy = Static<typeof RestartPolicy>;
 *
 * Every field of an object may be absent, as in Go's structs.
 */
export interface Schema<T> {
  readonly kind:
    | 'string'
    | 'integer'
    | 'number'
    | 'boolean'
    | 'empty'
    | 'any'
    | 'words'
    | 'list'
    | 'map'
    | 'object';
  /** What Go calls it, for messages: `int64`. */
  readonly goType: string;
  readonly items?: Schema<unknown>;
  readonly properties?: Readonly<Record<string, Schema<unknown>>>;
  /** Never there: carries the type. */
  readonly type?: T;
}

/** The TypeScript type of what a schema decodes to. */
export type Static<S> = S extends Schema<infer T> ? T : never;

export const string: Schema<string> = { kind: 'string', goType: 'string' };
export const integer: Schema<number> = { kind: 'integer', goType: 'int64' };
export const number: Schema<number> = { kind: 'number', goType: 'float64' };
export const boolean: Schema<boolean> = { kind: 'boolean', goType: 'bool' };
/** `{}` as the value of a set's member. */
export const empty: Schema<object> = { kind: 'empty', goType: 'struct {}' };
export const any: Schema<unknown> = { kind: 'any', goType: 'interface {}' };
/** A list of strings that may be written as one string: Cmd, Entrypoint. */
export const words: Schema<readonly string[]> = { kind: 'words', goType: '[]string', items: string };

/** A string of which only some are meant; others pass, for the engine to refuse in its own words. */
export const oneOf = <T extends string>(..._values: readonly T[]): Schema<T> => string as Schema<T>;

export const list = <T>(items: Schema<T>): Schema<readonly T[]> => ({
  kind: 'list',
  goType: `[]${items.goType}`,
  items,
});

export const map = <T>(items: Schema<T>): Schema<Readonly<Record<string, T>>> => ({
  kind: 'map',
  goType: `map[string]${items.goType}`,
  items,
});

export type Fields<P> = { readonly [K in keyof P]?: Static<P[K]> };

export const object = <P extends Readonly<Record<string, Schema<unknown>>>>(
  properties: P,
): Schema<Fields<P>> => ({
  kind: 'object',
  goType: 'struct',
  properties,
});
