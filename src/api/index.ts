/**
 * api: the Engine API's words, each once: what requests are decoded by, the types of replies, and its codecs.
 *
 * Nouns: the OpenAPI definitions under their own names (`HostConfig`, `ImageSummary`), Schema, frame, filters, version.
 * A request's type comes with a schema of the same name; a reply's is a type alone. Docker's field names and casing.
 *
 *     const body = decode(ContainerCreateRequest, JSON.parse(text));
 *     import type { HostConfig } from '#api/index.ts';
 *
 * Called by the server (decodes, shapes), the client and the command line (types), and the rooms that keep and echo
 * requests; imports base alone.
 */
export * from './build.ts';
export * from './container.ts';
export * from './container-config.ts';
export * from './decode.ts';
export * from './event.ts';
export * from './exec.ts';
export * from './go-duration.ts';
export * from './host-config.ts';
export * from './image.ts';
export * from './mount.ts';
export * from './multiplex.ts';
export * from './network.ts';
export * from './query.ts';
export * from './schema.ts';
export * from './stats.ts';
export * from './system.ts';
export * from './version.ts';
export * from './volume.ts';
