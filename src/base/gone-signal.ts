import type { ServerResponse } from 'node:http';

/** Aborts when a client goes before it has its whole reply. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const gone = () => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.closed || response.socket?.destroyed) gone();
  else response.once('close', gone);
  return controller.signal;
}
