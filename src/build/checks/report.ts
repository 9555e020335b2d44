import type { BuildWarning } from '#api/build.ts';
import { checkOf } from '../dockerfile/directives.ts';
import { lineAt } from '../dockerfile/source.ts';
import type { Directives, Location } from '../dockerfile/syntax.ts';
import { details, type RuleName, rules, urlOf } from './rules.ts';

/** Which rules are run, and whether what they find is an error. */
export type CheckOptions = NonNullable<Directives['check']>;

/** The build argument stands before the directive. @throws {EngineError} `invalid` for an option that is not known */
export function checkOptionsOf(directives: Directives, argument: string | undefined): CheckOptions {
  if (argument !== undefined && argument.trim() !== '') return checkOf(argument.trim(), lineAt(1));
  return directives.check ?? { skip: [], error: false };
}

/** What the rules found. */
export class Report {
  readonly #options: CheckOptions;
  readonly #warnings: BuildWarning[] = [];

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  add(rule: RuleName, location: Location, ...words: string[]): void {
    if (!this.#runs(rule)) return;
    this.#warnings.push({
      rule,
      description: rules[rule].description,
      url: urlOf(rule),
      detail: details[rule](...words),
      location: { startLine: location.start.line, endLine: location.end.line },
    });
  }

  #runs(rule: RuleName): boolean {
    const { skip, experimental = [] } = this.#options;
    const isExperimental = 'experimental' in rules[rule];
    const named = isExperimental ? experimental : skip;
    return (named === 'all' || named.includes(rule)) === isExperimental;
  }

  /** In the order of the Dockerfile. */
  get warnings(): readonly BuildWarning[] {
    const lineOf = ({ location }: BuildWarning) => location?.startLine ?? 0;
    return this.#warnings.toSorted((a, b) => lineOf(a) - lineOf(b));
  }

  /** Why the build may not go on, where the Dockerfile has warnings be errors. */
  get violation(): string | undefined {
    if (!this.#options.error || this.#warnings.length === 0) return undefined;
    const found = new Set(this.warnings.map(({ rule }) => rule));
    return `lint violation found for rules: ${[...found].join(', ')}`;
  }
}
