import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { conflict, invalid, messageOf, unavailable } from '#base/errors.ts';
import { nodeHttp } from '#base/node-http.ts';
import type { Collected } from '../api/administration.ts';
import { hubPaths } from '../paths.ts';
import type { CollectOptions } from '../upkeep/index.ts';

type Asked = Pick<CollectOptions, 'untaggedSeconds'> & Partial<Pick<CollectOptions, 'graceSeconds'>>;

/**
 * Hears, at a socket in the Hub's directory, what only the program that serves may do: who may open the directory, which is
 * 0700, may ask. `POST /collect` with an Asked answers Collected.
 */
export async function openControl(
  directory: string,
  collect: (asked: Asked) => Promise<Collected>,
): Promise<AsyncDisposable> {
  const place = socketPlace(directory);
  // the directory's lock is ours: what lies here is of a program that was killed
  rmSync(place.path, { force: true });
  const server = nodeHttp().createServer((request, response) => void answer(request, response, collect));
  await listening(server, place.path);
  return {
    [Symbol.asyncDispose]: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      await promise;
      place[Symbol.dispose]();
    },
  };
}

/** Asks the program that serves for a collection. @throws {EngineError} `unavailable` when it does not hear */
export async function askToCollect(directory: string, asked: Asked): Promise<Collected> {
  using place = socketPlace(directory);
  if (!existsSync(place.path)) throw unavailable(`what is at work in ${directory} does not serve it`);
  const { promise, resolve, reject } = Promise.withResolvers<Collected>();
  const request = nodeHttp().request({ socketPath: place.path, path: '/collect', method: 'POST' });
  request.once('error', (cause) => reject(unavailable(`the Hub does not hear: ${cause.message}`, { cause })));
  request.once('response', (response) => {
    textOf(response).then((text) => {
      if (response.statusCode === 200) resolve(JSON.parse(text) as Collected);
      else reject(conflict(text));
    }, reject);
  });
  request.end(JSON.stringify(asked));
  return await promise;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  collect: (asked: Asked) => Promise<Collected>,
): Promise<void> {
  try {
    if (request.method !== 'POST' || request.url !== '/collect') throw invalid('no such request');
    response.end(JSON.stringify(await collect(JSON.parse(await textOf(request)) as Asked)));
  } catch (error) {
    response.statusCode = 500;
    response.end(messageOf(error));
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function listening(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ path }, () => resolve());
  return promise;
}

/** The path by a descriptor of its directory: a socket's own has room for 107 bytes. */
function socketPlace(directory: string): Disposable & { readonly path: string } {
  const descriptor = openSync(directory, 'r');
  return {
    path: join(`/proc/self/fd/${descriptor}`, hubPaths(directory).controlName),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
