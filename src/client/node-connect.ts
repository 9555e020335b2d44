import { spawn } from 'node:child_process';
import { connect as openSocket, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { connect as openTls, type TLSSocket } from 'node:tls';
import { ByteQueue } from './byte-queue.ts';
import type { Connection } from './connection.ts';

export interface TlsFiles {
  /** PEM texts. Without `ca` the system's authorities are trusted. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether the server's certificate must be valid for its name. */
  readonly verify: boolean;
}

export const connectUnix = (path: string): Promise<Connection> =>
  whenReady(openSocket({ path, allowHalfOpen: true }), 'connect');

export function connectTcp(host: string, port: number): Promise<Connection> {
  const socket = openSocket({ host, port, allowHalfOpen: true });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  return whenReady(socket, 'connect');
}

export function connectTls(host: string, port: number, files: TlsFiles): Promise<Connection> {
  const { ca, cert, key, verify } = files;
  // SNI takes names, not addresses
  const servername = /^[\d.]+$|:/.test(host) ? '' : host;
  const options = {
    host,
    port,
    ca,
    cert,
    key,
    servername,
    rejectUnauthorized: verify,
    allowHalfOpen: true,
  };
  const socket = openTls(options);
  socket.setNoDelay(true);
  return whenReady(socket, 'secureConnect');
}

/** A connection through a program's standard input and output: `ssh HOST hoist system dial-stdio`. */
export function connectProgram(program: string, args: readonly string[]): Promise<Connection> {
  const child = spawn(program, [...args], { stdio: 'pipe' });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = (complaint + String(text)).slice(-4096);
  });
  const exited = new Promise<Error | undefined>((resolve) => {
    child.on('error', resolve);
    child.on('exit', (code) => {
      resolve(code ? new Error(`${program} ended with exit status ${code}: ${complaint.trim()}`) : undefined);
    });
  });
  const connection = streamConnection(child.stdout, child.stdin, { exited });
  return Promise.resolve({
    ...connection,
    close: () => {
      connection.close();
      child.kill();
    },
  });
}

function whenReady(socket: Socket | TLSSocket, event: 'connect' | 'secureConnect'): Promise<Connection> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(event, () => {
      socket.off('error', reject);
      resolve(streamConnection(socket, socket));
    });
  });
}

function streamConnection(
  source: Readable,
  sink: Writable,
  { exited }: { exited?: Promise<Error | undefined> } = {},
): Connection {
  const queue = new ByteQueue({ limit: 1 << 20, drained: () => source.resume() });
  source.on('data', (bytes: Uint8Array) => {
    queue.push(bytes);
    if (queue.full) source.pause();
  });
  const end = async () => queue.end(await exited);
  source.on('end', end);
  source.on('close', end);
  source.on('error', (error) => queue.end(error));
  if ((sink as unknown) !== source) sink.on('error', (error) => queue.end(error));
  return {
    read: () => queue.read(),
    write: (bytes) =>
      new Promise((resolve, reject) => sink.write(bytes, (error) => (error ? reject(error) : resolve()))),
    endWriting: () => void sink.end(),
    close: () => {
      source.destroy();
      sink.destroy();
    },
  };
}
