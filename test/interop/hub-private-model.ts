import type { Level, Role, Visibility } from '#hub/api/index.ts';

/** A repository as the model knows it. */
export interface ModelRepository {
  readonly name: string;
  readonly owner: string;
  visibility: Visibility;
  readonly teams: Map<string, Level>;
  readonly users: Map<string, Level>;
}

/** Who asks: a user's name, or undefined for a stranger. */
export type Asker = string | undefined;

/** Who may do what, said anew and as simply as can be: a private repository is there for those who have a level in it. */
export class Model {
  readonly administrator: string;
  /** Organisations' people by name, then role. */
  readonly roles = new Map<string, Map<string, Role>>();
  /** Teams' people, by `organisation/team`. */
  readonly teams = new Map<string, Set<string>>();
  readonly repositories = new Map<string, ModelRepository>();

  constructor(administrator: string) {
    this.administrator = administrator;
  }

  level(asker: Asker, { owner, visibility, teams, users }: ModelRepository): Level | undefined {
    if (asker === this.administrator) return 'admin';
    const role = asker === undefined ? undefined : this.roles.get(owner)?.get(asker);
    const levels: (Level | undefined)[] = [
      visibility === 'public' ? 'read' : undefined,
      asker === owner || role === 'owner' ? 'admin' : undefined,
      role === 'editor' ? 'write' : undefined,
      asker === undefined ? undefined : users.get(asker),
      ...[...teams].map(([team, level]) =>
        asker !== undefined && this.teams.get(`${owner}/${team}`)?.has(asker) ? level : undefined,
      ),
    ];
    return (['admin', 'write', 'read'] as const).find((level) => levels.includes(level));
  }

  visible(asker: Asker): readonly string[] {
    return [...this.repositories.values()]
      .filter((repository) => this.level(asker, repository) !== undefined)
      .map(({ name }) => name)
      .sort();
  }
}
