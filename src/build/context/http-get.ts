import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connectionFailure } from '#base/connection-failure.ts';
import { cancelled, EngineError, invalid, messageOf, unavailable } from '#base/errors.ts';
import { nodeHttp, nodeHttps } from '#base/node-http.ts';

const maxRedirects = 10;
/** Before an answer, and between two pieces of one. */
const idleMilliseconds = 120_000;

export interface HttpAnswer extends AsyncDisposable {
  /** After redirects. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** 304: what the conditions name is still there. Only where conditions were given. */
  readonly isUnchanged: boolean;
  /** Ends with an error when the answer is cut. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * What is at an http or https URL, by way of the proxies of the environment; redirects are followed.
 *
 * @param conditions `if-none-match`, `if-modified-since`: what is known of it
 * @throws {EngineError} `invalid` for another kind of URL, `notFound`, `unavailable`; `cancelled` on the signal
 */
export async function httpGet(
  address: string,
  signal: AbortSignal,
  conditions: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  let url = URL.parse(address);
  for (let redirects = 0; ; redirects++) {
    if (url === null || !/^https?:$/.test(url.protocol)) throw invalid(`invalid URL: ${address}`);
    if (redirects > maxRedirects) throw unavailable(`Get ${shown(address)}: stopped after 10 redirects`);
    const message = await answerOf(url, signal, conditions);
    const status = message.statusCode ?? 0;
    const { location } = message.headers;
    const isUnchanged = status === 304 && Object.keys(conditions).length > 0;
    if (!isUnchanged && status >= 300 && status < 400 && location !== undefined) {
      message.destroy();
      url = URL.parse(location, url);
      continue;
    }
    if (!isUnchanged && (status < 200 || status >= 300)) {
      message.destroy();
      throw refusal(address, status, message.statusMessage ?? '');
    }
    return {
      url,
      headers: message.headers,
      isUnchanged,
      body: bodyOf(message, address, signal),
      [Symbol.asyncDispose]: async () => void message.destroy(),
    };
  }
}

async function answerOf(
  url: URL,
  signal: AbortSignal,
  conditions: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const http = url.protocol === 'https:' ? nodeHttps() : nodeHttp();
  const agent = new http.Agent({ keepAlive: false, proxyEnv: process.env });
  const request = http.request(url, {
    ...{ agent, signal },
    headers: { 'user-agent': 'hoist', accept: '*/*', ...conditions },
  });
  request.setTimeout(idleMilliseconds, () => request.destroy(new Error('i/o timeout')));
  request.on('response', resolve);
  request.on('error', reject);
  request.end();
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted) throw cancelled('the download was cancelled', { cause: signal.reason });
    throw unavailable(`Get ${shown(url.href)}: ${connectionFailure(error, url).reason}`, { cause: error });
  }
}

async function* bodyOf(
  message: IncomingMessage,
  address: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* message as AsyncIterable<Buffer>;
    if (!message.complete) throw new Error('unexpected EOF');
  } catch (error) {
    if (signal.aborted) throw cancelled('the download was cancelled', { cause: signal.reason });
    throw unavailable(`Get ${shown(address)}: ${messageOf(error)}`, { cause: error });
  }
}

function refusal(address: string, status: number, text: string): EngineError {
  const message = `failed to GET ${withoutPassword(address)} with status ${status} ${text}`.trimEnd();
  if (status === 404 || status === 410) return new EngineError('notFound', message);
  if (status === 401 || status === 403) return new EngineError('forbidden', message);
  return unavailable(message);
}

const shown = (address: string): string => JSON.stringify(withoutPassword(address));

/** A URL fit for messages. */
export function withoutPassword(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.password === '') return address;
  url.password = 'xxxxx';
  return url.href;
}
