/**
 * Node's `http` and `https`, without an `import`: an ES import of `node:http` reads every export, its `WebSocket` too, and
 * that loads undici, http2, worker threads and web streams: 10 MB of memory in a daemon that uses none of them.
 */
export const nodeHttp = (): typeof import('node:http') => process.getBuiltinModule('node:http');
export const nodeHttps = (): typeof import('node:https') => process.getBuiltinModule('node:https');
