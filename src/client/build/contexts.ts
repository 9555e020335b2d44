import type { ContextAnswer } from '#api/build.ts';
import type { Daemon } from '../daemon.ts';

/**
 * Offers a context: what of it the daemon does not know comes back.
 *
 * @param offer a `ContextOffer` as JSON: a listing of many files is text already where it is made
 */
export const offerContext = (daemon: Daemon, offer: string, signal?: AbortSignal): Promise<ContextAnswer> =>
  daemon.json({ method: 'POST', path: '/hoist/contexts', text: offer, ...(signal && { signal }) });

/** Names contents by their digests, by index in the listing: whose bytes are wanted comes back. */
export const sendContextDigests = (
  daemon: Daemon,
  id: string,
  { digests, signal }: { readonly digests: Readonly<Record<string, string>>; readonly signal?: AbortSignal },
): Promise<ContextAnswer> =>
  daemon.json({
    method: 'POST',
    path: `/hoist/contexts/${encodeURIComponent(id)}/digests`,
    json: { digests },
    ...(signal && { signal }),
  });

/** Sends files: a tar in which each has its index as a name. */
export const sendContextFiles = (
  daemon: Daemon,
  id: string,
  { tar, signal }: { readonly tar: AsyncIterable<Uint8Array>; readonly signal?: AbortSignal },
): Promise<ContextAnswer> =>
  daemon.json({
    method: 'PUT',
    path: `/hoist/contexts/${encodeURIComponent(id)}/files`,
    stream: tar,
    ...(signal && { signal }),
  });

/** Sends a whole context as a tar, plain or compressed. */
export const sendContextTar = (
  daemon: Daemon,
  tar: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<ContextAnswer> =>
  daemon.json({ method: 'POST', path: '/hoist/contexts/tar', stream: tar, ...(signal && { signal }) });
