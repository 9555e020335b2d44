/**
 * distribution: the client of registries. Resolves names to manifests, fetches blobs, pushes both.
 *
 * Nouns: client, origin (a registry at an address), session (requests in one person's name), repository, credentials,
 * challenge, token. A connection that is cut is taken up where it broke; every byte is held against its digest.
 *
 *     const repository = await client.repository(parseReference('busybox'), { access: 'pull' });
 *     const { bytes } = await repository.getManifest('latest');
 *     for await (const chunk of repository.fetchBlob(layer)) …
 *
 * Called by image.
 */
export { RegistryClient } from './client.ts';
export type { Credentials } from './credentials.ts';
export { defaultRegistryConfig, type RegistryConfig } from './registry-config.ts';
export { ConnectionError, RegistryError } from './registry-error.ts';
export { type RemoteManifest, Repository } from './repository.ts';
export type { FoundRepository } from './search.ts';
