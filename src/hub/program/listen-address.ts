import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EngineError, invalid } from '#base/errors.ts';

export interface ListenAddress {
  /** Absent: every address of this machine. */
  readonly host?: string;
  readonly port: number;
}

/** `127.0.0.1:5000`, `[::1]:5000`, `:5000`, `5000`. @throws {EngineError} `invalid` */
export function parseListen(text: string): ListenAddress {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]:|([^:[\]]*):)?(\d{1,5})$/i.exec(text) ?? [];
  if (port === undefined || Number(port) > 65535)
    throw invalid(`invalid address to listen on: ${JSON.stringify(text)}; it is like 127.0.0.1:5000`);
  const host = bracketed ?? plain ?? '';
  return { port: Number(port), ...(host !== '' && host !== '*' && { host }) };
}

/** @returns where it listens, as clients write it; port 0 has become one. @throws {EngineError} `unavailable` */
export function listenOn(server: Server, { host, port }: ListenAddress): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
  const failed = (cause: Error) =>
    reject(
      new EngineError(
        'unavailable',
        `cannot listen on ${shownListen({ ...(host && { host }), port })}: ${cause.message}`,
        { cause },
      ),
    );
  server.once('error', failed);
  server.listen({ port, ...(host !== undefined && { host }) }, () => {
    server.removeListener('error', failed);
    resolve(server.address() as AddressInfo);
  });
  return promise;
}

/** `127.0.0.1:5000`; every address as `localhost`, which is one of them. */
export function shownListen({ host = '::', port }: ListenAddress): string {
  if (host === '::' || host === '0.0.0.0') return `localhost:${port}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
