import type { Headers, Reply } from '../http/reply.ts';

/** By which Docker's clients know a registry. */
export const apiVersion = { 'Docker-Distribution-Api-Version': 'registry/2.0' } as const;

export const answer = (
  status: number,
  { headers, body }: { readonly headers?: Headers; readonly body?: Reply['body'] } = {},
): Reply =>
  body === undefined
    ? { status, headers: { ...apiVersion, ...headers } }
    : { status, headers: { ...apiVersion, ...headers }, body };

export const jsonAnswer = (value: unknown, headers: Headers = {}): Reply =>
  answer(200, { headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) });
