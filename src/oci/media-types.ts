/** The media types of images, OCI's and Docker's. @see OCI image-spec, media-types.md; Docker image manifest v2, schema 2 */
export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
} as const;

/** What a client accepts in answer to a manifest request. */
export const manifestTypes: readonly string[] = [
  mediaTypes.ociIndex,
  mediaTypes.dockerIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
];

export const isIndexType = (type: string): boolean =>
  type === mediaTypes.ociIndex || type === mediaTypes.dockerIndex;

export const isManifestType = (type: string): boolean =>
  type === mediaTypes.ociManifest || type === mediaTypes.dockerManifest;

/** An image's config; old registries called it by the general names that follow. */
export const isConfigType = (type: string): boolean =>
  [
    mediaTypes.ociConfig,
    mediaTypes.dockerConfig,
    'application/octet-stream',
    'application/json',
    '',
  ].includes(type);

/** Layers that a registry serves; foreign (Windows base) layers are not among them. */
export const isLayerType = (type: string): boolean =>
  /^application\/vnd\.oci\.image\.layer\.v1\.tar(\+gzip|\+zstd)?$/.test(type) ||
  /^application\/vnd\.docker\.image\.rootfs\.diff\.tar(\.gzip|\.zstd)?$/.test(type);
