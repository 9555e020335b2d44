import { invalid, messageOf, unavailable } from '#base/errors.ts';

/** The bytes of `fromSrc=<URL>`. @throws `invalid` for what is no URL, `unavailable` when it cannot be had */
export async function* fetched(source: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const response = await fetch(addressOf(source), { signal }).catch((cause: unknown) => {
    throw unavailable(`Cannot download ${source}: ${messageOf(cause)}`, { cause });
  });
  if (!response.ok || response.body === null)
    throw unavailable(`Got HTTP status code >= 400: ${response.status} ${response.statusText}`);
  yield* response.body;
}

function addressOf(source: string): URL {
  const url = URL.parse(source.includes('://') ? source : `http://${source}`);
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid(`invalid source: ${source}`);
  return url;
}
