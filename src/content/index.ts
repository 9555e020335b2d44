/**
 * content: the documents of images (manifests) by digest.
 *
 * Nouns: blob, ingest (a write not yet committed), content store.
 *
 *     const digest = await content.put(manifestBytes);
 *     const bytes = await content.get(digest);
 *
 * Called by image.
 */
export { type Blob, ContentStore } from './content-store.ts';
