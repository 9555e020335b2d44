import type { Failure } from '../../api/index.ts';

/** A path of the API, and what it answers. */
export type Get<T> = string & { readonly answers?: T };

/** What the Hub refused, in its own words. */
export class HubFailure extends Error {
  readonly status: number;
  readonly code: Failure['code'];
  /** Of the form, that is wrong. */
  readonly field: string | undefined;

  constructor(status: number, { message, code, field }: Failure) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

let csrf = '';
let signedOut: () => void = () => undefined;

/** Called where the Hub knows nobody of ours: the session may have ended elsewhere. */
export function whenSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** What the session says goes with every change from now on. */
export function setCsrf(token: string): void {
  csrf = token;
}

/** @throws {HubFailure} also where the Hub cannot be reached (status 0) */
export async function request<T>(
  method: Method,
  path: Get<T>,
  options: { readonly body?: unknown; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const { body, signal } = options;
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new HubFailure(0, { message: 'The Hub could not be reached. Check the connection and try again.' });
  }
  if (response.status === 401) signedOut();
  if (!response.ok) throw await failureOf(response);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function failureOf(response: Response): Promise<HubFailure> {
  try {
    return new HubFailure(response.status, sentence((await response.json()) as Failure));
  } catch {
    return new HubFailure(response.status, { message: `The Hub answered ${response.status}.` });
  }
}

/** The API's messages are parts of sentences. */
const sentence = (failure: Failure): Failure => {
  const { message } = failure;
  const end = /[.!?]$/.test(message) ? '' : '.';
  return { ...failure, message: message.charAt(0).toUpperCase() + message.slice(1) + end };
};
