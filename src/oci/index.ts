/**
 * oci: the documents and names of the Open Container Initiative, as pure functions.
 *
 * Nouns: digest, descriptor, reference, manifest, index, config, platform, runtime spec.
 *
 *     const reference = withDefaultTag(parseReference('busybox')); // docker.io/library/busybox:latest
 *     const manifest = parseManifest(bytes, contentType);
 *
 * What others wrote (manifests, configs) is checked field by field, and errors name the field. Called by every room that
 * knows images; imports none but base.
 */
export * from './digest.ts';
export * from './image-config.ts';
export * from './manifest.ts';
export * from './media-types.ts';
export * from './parse-config.ts';
export * from './passwd.ts';
export * from './platform.ts';
export * from './reference.ts';
export * from './runtime-spec.ts';
