import type { Connection } from '#client/connection.ts';
import type { TlsFiles } from '#client/node-connect.ts';
import { handOver } from './hand-over.ts';

/** The connections that the small host leaves to the full program (`#client/node-connect.ts`). */
export type { TlsFiles };

export const connectUnix = (_path: string): Promise<Connection> => handOver();
export const connectTcp = (_host: string, _port: number): Promise<Connection> => handOver();
export const connectTls = (_host: string, _port: number, _files: TlsFiles): Promise<Connection> => handOver();
export const connectProgram = (_program: string, _args: readonly string[]): Promise<Connection> => handOver();
