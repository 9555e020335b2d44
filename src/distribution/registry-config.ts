import type { RetryPolicy } from './retry.ts';

/** How the registries of an engine are reached: daemon.json's keys. */
export interface RegistryConfig {
  /** Mirrors of the default registry, tried in order before it: `https://mirror.example`. */
  readonly mirrors: readonly string[];
  /** Hosts (`host:port`) and networks (`10.0.0.0/8`) without TLS or with a certificate nobody vouches for. */
  readonly insecureRegistries: readonly string[];
  /** Folders of `<host>/{ca.crt,client.cert,client.key}`: `/etc/docker/certs.d`. The first that has the host is used. */
  readonly certificateFolders: readonly string[];
  /** What `docker.io` means: `https://registry-1.docker.io`; tests and private clouds put another in its place. */
  readonly defaultRegistry?: string;
  /** `User-Agent` of every request. */
  readonly userAgent?: string;
  /** How often and how slowly what failed is tried again. */
  readonly retry?: Partial<RetryPolicy>;
}

export const defaultRegistryConfig: RegistryConfig = {
  mirrors: [],
  insecureRegistries: [],
  certificateFolders: ['/etc/hoist/certs.d', '/etc/docker/certs.d'],
};
