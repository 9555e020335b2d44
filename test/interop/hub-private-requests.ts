import { digestOf } from '#oci/digest.ts';
import { mediaTypes } from '#oci/media-types.ts';

/** A request about a repository, of which nothing may tell whether it is there. */
export interface AskedOf {
  /** `GET /api/repositories/{name}` */
  readonly line: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const json = (line: string, body: unknown): AskedOf => ({ line, body: JSON.stringify(body) });

/** Every request of the Hub's API that names a repository. */
export const apiRequests = (name: string, digest: string): readonly AskedOf[] => {
  const at = `/api/repositories/${name}`;
  return [
    ...[`GET ${at}`, `HEAD ${at}`, `GET ${at}/-/pulls`, `GET ${at}/-/tags`, `GET ${at}/-/tags?q=l&size=1`],
    ...[`GET ${at}/-/manifests/latest`, `GET ${at}/-/manifests/${digest}`, `GET ${at}/-/manifests/none`],
    ...[`DELETE ${at}/-/manifests/${digest}`, `DELETE ${at}/-/tags/latest`, `DELETE ${at}/-/tags/none`],
    ...[`PUT ${at}/-/star`, `DELETE ${at}/-/star`, `GET ${at}/-/grants`, `DELETE ${at}`, `GET ${at}/-/none`],
    ...[`DELETE ${at}/-/grants/teams/readers`, `DELETE ${at}/-/grants/users/bob`],
    `GET /api/audit?owner=${name.split('/')[0]}`,
    `GET /api/accounts/${name.split('/')[0]}/usage`,
  ]
    .map((line): AskedOf => ({ line }))
    .concat([
      json(`PATCH ${at}`, { description: 'mine' }),
      json(`PATCH ${at}`, { visibility: 'public' }),
      json(`PATCH ${at}`, { visibility: 'nothing' }),
      json(`PUT ${at}/-/grants/users/eve`, { level: 'admin' }),
      json(`PUT ${at}/-/grants/teams/readers`, { level: 'admin' }),
      json('POST /api/repositories', { name }),
      json('POST /api/repositories', { name, visibility: 'public' }),
      { line: `PATCH ${at}`, body: 'not JSON' },
      { line: `GET /api/search?q=${encodeURIComponent(name)}` },
      { line: `GET /v1/search?q=${encodeURIComponent(name)}` },
      { line: `GET /api/repositories?owner=${encodeURIComponent(name)}` },
    ]);
};

/** Every request of the registry's that names a repository, but for those that take from one to another. */
export const registryRequests = (
  name: string,
  { manifest, blob }: { readonly manifest: string; readonly blob: string },
): readonly AskedOf[] => {
  const at = `/v2/${name}`;
  const document = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] });
  return [
    ...['GET', 'HEAD', 'DELETE'].flatMap((method) => [
      `${method} ${at}/manifests/latest`,
      `${method} ${at}/manifests/${manifest}`,
      `${method} ${at}/blobs/${blob}`,
    ]),
    ...[`GET ${at}/tags/list`, `GET ${at}/tags/list?n=1`, `GET ${at}/referrers/${manifest}`],
    ...[`POST ${at}/blobs/uploads/`, `POST ${at}/blobs/uploads/?mount=${blob}&from=${name}`],
    ...[`GET ${at}/blobs/uploads/none`, `PATCH ${at}/blobs/uploads/none`, `DELETE ${at}/blobs/uploads/none`],
    ...[`PUT ${at}/blobs/uploads/none?digest=${blob}`, `GET ${at}/manifests/none`, `POST ${at}/manifests/x`],
    `POST ${at}/blobs/uploads/?digest=${digestOf('')}`,
  ]
    .map((line): AskedOf => ({ line }))
    .concat([
      { line: `PUT ${at}/manifests/new`, body: document, headers: { 'content-type': mediaTypes.ociIndex } },
      { line: `PUT ${at}/manifests/new`, body: '{', headers: { 'content-type': mediaTypes.ociIndex } },
    ]);
};

/** Requests to a repository of one's own, that name another or what it holds. */
export const takingRequests = (
  own: string,
  { name, manifest, blob }: { readonly name: string; readonly manifest: string; readonly blob: string },
): readonly AskedOf[] => {
  const at = `/v2/${own}`;
  const config = { mediaType: mediaTypes.ociConfig, digest: blob, size: 2 };
  const image = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [] };
  const child = { mediaType: mediaTypes.ociManifest, digest: manifest, size: 2 };
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [child] };
  const put = (mediaType: string, document: unknown): AskedOf => ({
    ...json(`PUT ${at}/manifests/taken`, document),
    headers: { 'content-type': mediaType },
  });
  return [
    { line: `POST ${at}/blobs/uploads/?mount=${blob}&from=${name}` },
    { line: `POST ${at}/blobs/uploads/?mount=${blob}` },
    { line: `GET ${at}/blobs/${blob}` },
    { line: `HEAD ${at}/manifests/${manifest}` },
    put(mediaTypes.ociManifest, image),
    put(mediaTypes.ociIndex, index),
    { line: `DELETE ${at}/blobs/${blob}` },
    { line: `DELETE ${at}/manifests/${manifest}` },
    { line: `GET ${at}/referrers/${manifest}` },
  ];
};

/** Names, digests and ids that are the request's own, or random, by what they stand for. */
export function plain(text: string, stands: Readonly<Record<string, string>>): string {
  const named = Object.entries(stands).reduce((all, [what, for_]) => all.replaceAll(what, for_), text);
  return named
    .replace(/uploads\/[\w-]{16,}/g, 'uploads/ID')
    .replace(/"?docker-upload-uuid"?[:,]"?[\w-]+/gi, 'docker-upload-uuid:ID')
    .replace(/_state=[\w%.-]+/g, '_state=S');
}
