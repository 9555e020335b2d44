import { list, object, oneOf, type Static, string } from '#api/schema.ts';
import type { Level, Visibility } from './accounts.ts';

/**
 *     GET    /api/repositories?owner=&starred=&sort=name|updated|pulls    Page<RepositorySummary>: what the one who asks may see
 *     GET    /api/search?q=                              Page<RepositorySummary>, best first
 *     POST   /api/repositories                           NewRepository → Repository
 *     GET    /api/repositories/{name}                    Repository
 *     PATCH  /api/repositories/{name}                    RepositoryChange → Repository
 *     DELETE /api/repositories/{name}
 *     PUT, DELETE /api/repositories/{name}/-/star
 *     GET    /api/repositories/{name}/-/pulls            PullDay[], 30 days
 *     POST   /api/overview                               OverviewText → OverviewHtml: as it would be shown
 */
export interface RepositorySummary {
  readonly name: string;
  readonly visibility: Visibility;
  readonly description: string;
  readonly stars: number;
  readonly pulls: number;
  readonly updatedAt: string;
}

export interface Repository extends RepositorySummary {
  readonly createdAt: string;
  readonly pulledAt?: string;
  /** Markdown, as written. */
  readonly overview: string;
  /** The same as HTML that is safe to show. */
  readonly overviewHtml: string;
  readonly immutableTags: readonly string[];
  readonly isStarred: boolean;
  /** What the one who asks may do. */
  readonly level: Level;
  readonly tags: number;
  /** Unique bytes of what it holds. */
  readonly bytes: number;
}

export type NewRepository = Static<typeof NewRepository>;
export const NewRepository = object({
  name: string,
  visibility: oneOf('public', 'private'),
  description: string,
});

export type RepositoryChange = Static<typeof RepositoryChange>;
export const RepositoryChange = object({
  visibility: oneOf('public', 'private'),
  description: string,
  overview: string,
  immutableTags: list(string),
});

export type OverviewText = Static<typeof OverviewText>;
export const OverviewText = object({ overview: string });

export interface OverviewHtml {
  /** Safe to show. */
  readonly html: string;
}

export interface PullDay {
  /** `2026-01-31` */
  readonly day: string;
  readonly pulls: number;
}

/**
 *     GET    /api/repositories/{name}/-/tags?q=          Page<Tag>, newest first
 *     DELETE /api/repositories/{name}/-/tags/{tag}
 *     GET    /api/repositories/{name}/-/manifests/{tag or digest}     ManifestDetail
 *     DELETE /api/repositories/{name}/-/manifests/{digest}
 */
export interface Tag {
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly updatedAt: string;
  readonly updatedBy?: string;
  /** Bytes to pull: of the largest platform. */
  readonly size: number;
  /** `linux/amd64`: of its images, each once, in order. */
  readonly platforms: readonly string[];
  readonly isImmutable: boolean;
}

export interface ManifestDetail {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType?: string;
  /** Bytes of config and layers. */
  readonly size: number;
  readonly platform?: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly pushedAt: string;
  readonly pushedBy?: string;
  /** Bottom first, with the history's entries that made no layer between them. */
  readonly layers: readonly Layer[];
  /** Of an image. */
  readonly config?: {
    readonly created?: string;
    readonly author?: string;
    readonly entrypoint?: readonly string[];
    readonly command?: readonly string[];
    readonly workingDirectory?: string;
    readonly user?: string;
    readonly ports: readonly string[];
    readonly volumes: readonly string[];
    readonly environment: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
  };
  /** Of an index. */
  readonly manifests: readonly {
    readonly digest: string;
    readonly mediaType: string;
    readonly platform?: string;
    readonly size: number;
  }[];
  readonly referrers: readonly Referrer[];
}

export interface Layer {
  /** Absent where the command made no layer. */
  readonly digest?: string;
  readonly size: number;
  readonly command?: string;
  readonly mediaType?: string;
}

export interface Referrer {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 *     GET    /api/repositories/{name}/-/grants                   Grant[]
 *     PUT    /api/repositories/{name}/-/grants/teams/{team}      { level }
 *     DELETE /api/repositories/{name}/-/grants/teams/{team}
 *     PUT    /api/repositories/{name}/-/grants/users/{user}      { level }
 *     DELETE /api/repositories/{name}/-/grants/users/{user}
 */
export interface Grant {
  readonly kind: 'team' | 'user';
  readonly name: string;
  readonly level: Level;
}
export type LevelChange = Static<typeof LevelChange>;
export const LevelChange = object({ level: oneOf('read', 'write', 'admin') });
