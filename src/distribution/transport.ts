import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Agent as SecureAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { nodeHttp, nodeHttps } from '#base/node-http.ts';
import { readWhole } from '#base/read-whole.ts';
import { explained } from './connection-failure.ts';
import { ConnectionError, unexpected } from './registry-error.ts';

/** How one host is spoken to over TLS. */
export interface TlsSettings {
  readonly ca?: SecureContextOptions['ca'];
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end or destroyed. */
  readonly body: IncomingMessage;
  readonly url: URL;
}

const connectMilliseconds = 30_000;
/** Between two bytes of an answer, and before its first. */
const idleMilliseconds = 60_000;
/** A registry may hash or move the whole of an upload before it answers. */
const uploadIdleMilliseconds = 600_000;
const socketsPerHost = 16;
const idleSockets = 4;

/** Connections to one origin, kept alive between requests. Redirects and statuses are the caller's. */
export class Transport implements Disposable {
  readonly #agents: { readonly http: Agent; readonly https: SecureAgent };

  /** @param options.proxied by way of `HTTPS_PROXY` and its like, where they are set */
  constructor(tls: TlsSettings, options: { readonly proxied: boolean }) {
    const proxy = options.proxied ? { proxyEnv: process.env } : {};
    const common = { keepAlive: true, maxSockets: socketsPerHost, maxFreeSockets: idleSockets, ...proxy };
    const { Agent } = nodeHttp();
    const { Agent: SecureAgent } = nodeHttps();
    this.#agents = { http: new Agent(common), https: new SecureAgent({ ...common, ...tls }) };
  }

  /** @throws {ConnectionError} in Docker's words: `Get "https://…": dial tcp 127.0.0.1:1: connect: connection refused` */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { url, method, headers, body, signal } = request;
    const secure = url.protocol === 'https:';
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = (secure ? nodeHttps() : nodeHttp()).request(url, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-length': String(body.length) },
      agent: secure ? this.#agents.https : this.#agents.http,
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.on('response', (message) => {
      outgoing.setTimeout(idleMilliseconds, () => destroyIfIdle(message));
      resolve(message);
    });
    outgoing.on('error', reject);
    outgoing.on('socket', (socket) => giveUpConnecting(socket, outgoing));
    const patience = body === undefined ? idleMilliseconds : uploadIdleMilliseconds;
    outgoing.setTimeout(patience, () => outgoing.destroy(timedOut()));
    outgoing.end(body);
    try {
      const message = await promise;
      return {
        status: message.statusCode ?? 0,
        statusText: message.statusMessage ?? '',
        headers: message.headers,
        body: message,
        url,
      };
    } catch (error) {
      throw signal?.aborted ? signal.reason : explained(error, request);
    }
  }

  /** Closes the connections that nobody uses; requests under way go on. */
  retire(): void {
    for (const { freeSockets } of Object.values(this.#agents))
      for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  [Symbol.dispose](): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}

const timedOut = () => Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' });

function giveUpConnecting(socket: Socket, outgoing: ClientRequest): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => outgoing.destroy(timedOut()), connectMilliseconds);
  const stop = () => clearTimeout(timer);
  socket.once('connect', stop).once('close', stop);
}

/** A reader that is slow leaves the socket idle too, with bytes waiting: only a silent server is given up. */
function destroyIfIdle(message: IncomingMessage): void {
  if (message.readableLength === 0) message.destroy(timedOut());
}

/** The whole body of a short answer. @throws {EngineError} when it is longer than `maxBytes`, or cut */
export async function readBody(response: HttpResponse, maxBytes: number): Promise<Buffer> {
  try {
    return await readWhole(response.body, maxBytes, () =>
      unexpected(`${response.url.href} is longer than ${maxBytes} bytes`),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')
      throw new ConnectionError(`Get "${response.url.href}": unexpected EOF`, 'ECONNRESET', error);
    throw error;
  }
}

/** Lets a body that nobody wants go, keeping the connection when it is short. */
export function discard(response: HttpResponse): void {
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  response.body.on('error', () => undefined);
  if (length <= 65_536) response.body.resume();
  else response.body.destroy();
}
