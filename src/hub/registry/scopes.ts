import type { IncomingMessage } from 'node:http';

const address =
  /^\/v2\/(.+)\/(?:manifests\/[^/]+|blobs\/uploads(?:\/[^/]*)?|blobs\/[^/]+|tags\/list|referrers\/[^/]+)\/?$/;

/** Whether a path is one of the specification's, by whatever method. */
export const isEndpoint = (path: string): boolean =>
  path === '/v2/' || /^\/v2\/_catalog\/?$/.test(path) || address.test(path);

/**
 * What a token must be for so that a request is answered; nothing where any token will do.
 *
 * @see Docker registry v2, token scope documentation: `repository:owner/name:pull,push`
 */
export function neededScopes({
  method = 'GET',
  url = '',
}: Pick<IncomingMessage, 'method' | 'url'>): readonly string[] {
  const [path = '', query] = url.split('?', 2);
  if (/^\/v2\/_catalog\/?$/.test(path)) return ['registry:catalog:*'];
  const name = nameIn(path);
  if (name === undefined) return [];
  const scopes = [`repository:${name}:${actions(method, path)}`];
  const from = method === 'POST' && query !== undefined ? new URLSearchParams(query).get('from') : null;
  return from === null || !isPlain(from) ? scopes : [...scopes, `repository:${from}:pull`];
}

const upload = /\/blobs\/uploads\/[^/]+\/?$/;

/** Who pushes may look at an upload and cancel it; deleting is its own right. */
function actions(method: string, path: string): string {
  if (method !== 'GET' && method !== 'HEAD' && method !== 'DELETE') return 'pull,push';
  if (upload.test(path)) return 'pull,push';
  return method === 'DELETE' ? 'delete' : 'pull';
}

function nameIn(path: string): string | undefined {
  const encoded = address.exec(path)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const name = decodeURIComponent(encoded);
    return isPlain(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing that would mean something in a header. */
const isPlain = (name: string): boolean => /^[a-z0-9._/-]{1,255}$/.test(name);
