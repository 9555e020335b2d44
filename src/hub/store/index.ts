/**
 * hub/store: blobs' bytes by digest, and uploads that outlive the process.
 *
 * Nouns: BlobStore, BlobUpload.
 *
 *     const upload = await store.begin(newId());
 *     await upload.append(request.body);
 *     await upload.commit(await upload.digest('sha256'));
 */
export { type AppendOptions, type BlobStore, type BlobUpload, UploadTooLong } from './blob-store.ts';
export { openDirectoryStore } from './directory.ts';
