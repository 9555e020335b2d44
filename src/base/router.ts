import { invalid } from './errors.ts';

/**
 * Handlers by method and path: `GET /containers/{id}/json`. A parameter is one segment; `{name*}` is one or more, for
 * image names with slashes. The first that fits is taken.
 */
export type RouteTable<Handler> = Readonly<Record<string, Handler>>;

export interface Found<Handler> {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

interface Route<Handler> {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly handler: Handler;
}

/** Finds the route of a request among `tables`, tried in order. */
export class Router<Handler> {
  /** By method and first segment: `GET containers`. */
  readonly #routes = new Map<string, Route<Handler>[]>();

  constructor(...tables: readonly RouteTable<Handler>[]) {
    for (const table of tables) {
      for (const [line, handler] of Object.entries(table)) this.#add(line, handler);
    }
  }

  /** @param path without version prefix and query. @returns undefined for no such page */
  find(method: string, path: string): Found<Handler> | undefined {
    for (const route of this.#routes.get(bucket(method, path)) ?? []) {
      const match = route.pattern.exec(path);
      if (match !== null) return { handler: route.handler, params: parameters(route.names, match) };
    }
    return undefined;
  }

  #add(line: string, handler: Handler): void {
    const [method = '', path = ''] = line.split(' ');
    const names = [...path.matchAll(/\{(\w+)\*?\}/g)].map((found) => found[1]!);
    const source = path
      .replaceAll('.', '\\.')
      .replace(/\{\w+\*\}/g, '(.+)')
      .replace(/\{\w+\}/g, '([^/]+)');
    const key = bucket(method, path);
    const routes = this.#routes.get(key) ?? [];
    routes.push({ pattern: new RegExp(`^${source}/?$`), names, handler });
    this.#routes.set(key, routes);
  }
}

const bucket = (method: string, path: string): string => {
  const end = path.indexOf('/', 1);
  return `${method} ${end < 0 ? path.slice(1) : path.slice(1, end)}`;
};

function parameters(names: readonly string[], match: RegExpExecArray): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, decoded(match[index + 1]!)]));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw invalid(`invalid URL escape ${JSON.stringify(segment)}`, { cause });
  }
}
