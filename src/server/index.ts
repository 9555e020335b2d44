/**
 * server: the Engine API over HTTP. Routes, hijacked streams, versions, and errors as statuses.
 *
 * Nouns: a call (one request as a route sees it), a reply (what a route answers, as a value), a route, the router.
 *
 *     const server = createHttpServer(engine, { tls });
 *     server.listen({ path: '/run/hoist/hoist.sock' });
 *
 * A route validates, calls one verb of the engine and shapes the reply; `send.ts` alone writes to the wire.
 * Called by daemon; imports api, base, events and engine.
 */

export { type Ending, endingOf } from './connections.ts';
export { createHttpServer, type ServerOptions, type TlsFiles } from './http-server.ts';
