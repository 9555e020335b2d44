import type { ContainerConfig } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

export interface CommitOptions {
  readonly container: string;
  readonly repo?: string;
  readonly tag?: string;
  readonly comment?: string;
  readonly author?: string;
  readonly pause?: boolean;
  /** Dockerfile instructions to apply. */
  readonly changes?: readonly string[];
  readonly config?: ContainerConfig;
}

/** Makes an image of a container's file system and configuration. */
export function commitContainer(daemon: Daemon, options: CommitOptions): Promise<{ readonly Id: string }> {
  const { config, ...query } = options;
  return daemon.json({ method: 'POST', path: '/commit', query, ...(config && { json: config }) });
}
