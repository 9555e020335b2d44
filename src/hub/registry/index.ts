/**
 * hub/registry: images pushed and pulled, by OCI distribution 1.1.1.
 *
 * Nouns: blob, upload, manifest, tag, referrer, mount.
 *
 *     const registry = openRegistry(rooms, { store, locks, pulls, authenticate, challenge });
 *     serveAreas([registry.area, …], …);
 *
 * A request passes `gate.ts` (who may), then one of `blobs.ts`, `uploads.ts`, `manifests.ts`, `lists.ts`. What is refused is a
 * RegistryError. Called by the Hub's program.
 */
export { type RegistryCode, RegistryError } from './errors.ts';
export { openRegistry, type Registry, type RegistryOptions } from './registry.ts';
export { Repositories } from './repositories.ts';
