import type { RepositoryKey } from './repositories.ts';

/** What users have starred; a repository's stars are counted with it. */
export interface StarRecords {
  /** Sets whether a user has starred a repository; it being so already changes nothing. @throws {EngineError} `notFound` */
  set(repository: RepositoryKey, userId: string, isStarred: boolean): Promise<void>;
}
