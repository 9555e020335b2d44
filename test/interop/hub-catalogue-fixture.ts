import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyedLock } from '#base/keyed-lock.ts';
import { createLog } from '#base/log.ts';
import { type Accounts, openAccounts } from '#hub/accounts/index.ts';
import type { Level } from '#hub/api/index.ts';
import { type Catalogue, openCatalogue } from '#hub/catalogue/index.ts';
import { serveAreas } from '#hub/http/index.ts';
import { openSqliteRecords } from '#hub/records/sqlite/index.ts';
import { openRegistry } from '#hub/registry/index.ts';
import { type HubRooms, hubRooms } from '#hub/rooms.ts';
import { openDirectoryStore } from '#hub/store/index.ts';
import { Upkeep } from '#hub/upkeep/index.ts';
import type { Digest } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import type { MadeImage } from '../fixtures/images.ts';
import { publish, putManifest } from '../fixtures/registry.ts';

const passwordCost = { memoryKib: 8, passes: 1, parallelism: 1 };
export const password = 'correct horse battery';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** All of a Hub but its page, on loopback, with users whose access tokens are at hand. */
export interface ServedHub extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly rooms: HubRooms;
  /** What its records are in. */
  readonly database: Database;
  readonly accounts: Accounts;
  readonly catalogue: Catalogue;
  readonly errors: readonly string[];
  /** A user; the first is an administrator where told so. */
  user(name: string, options?: { readonly isAdmin?: boolean }): Promise<void>;
  /** `Authorization` of a user's access token; nothing for a stranger. */
  authorization(name: string | undefined, scope?: Level): Promise<Record<string, string>>;
  ask(
    name: string | undefined,
    line: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** The same with the JSON of a reply that must have the status. */
  json<T>(name: string | undefined, line: string, body?: unknown, status?: number): Promise<T>;
  push(name: string, repository: string, tag: string, image: MadeImage): Promise<void>;
  /** @param at `owner/name reference` @returns its digest */
  pushManifest(name: string, at: string, bytes: Buffer, mediaType: string): Promise<Digest>;
}

export async function serveHub(): Promise<ServedHub> {
  const directory = mkdtempSync(join(tmpdir(), 'hub-catalogue-'));
  const errors: string[] = [];
  const log = createLog({ level: 'error', write: (line) => errors.push(line) });
  const records = openSqliteRecords(join(directory, 'hub.db'));
  const { database } = records;
  const rooms = hubRooms(records, { log });
  const store = await openDirectoryStore(directory);
  const locks = new KeyedLock();
  const upkeep = new Upkeep(rooms, { store, locks });
  const version = '1.2.3';
  const accounts = openAccounts(rooms, {
    publicAddress: ({ headers: { host = '' } }) => ({ realm: `http://${host}/token`, service: host }),
    ...{ version, passwordCost },
  });
  const catalogue = openCatalogue(rooms, { store, version, collect: (asked) => upkeep.collect(asked) });
  const { registryAuthenticate: authenticate, challenge } = accounts;
  const registry = openRegistry(rooms, { store, locks, pulls: catalogue.pulls, authenticate, challenge });
  const areas = [
    ...[registry.area, accounts.tokenArea, accounts.apiArea(catalogue.apiRoutes)],
    catalogue.searchArea({ authenticate, challenge: (request) => challenge(request, []) }),
  ];
  const addressOf = ({ socket }: { readonly socket: { readonly remoteAddress?: string } }) =>
    socket.remoteAddress ?? '';
  const server = createServer(serveAreas(areas, { log, addressOf }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}`;
  const tokens = new Map<string, Promise<{ readonly secret: string }>>();

  const authorization = async (
    name: string | undefined,
    scope: Level = 'admin',
  ): Promise<Record<string, string>> => {
    if (name === undefined) return {};
    const key = `${name} ${scope}`;
    const token = tokens.get(key) ?? accounts.createToken(name, { name: key, scope });
    tokens.set(key, token);
    const { secret } = await token;
    return { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}` };
  };
  const ask: ServedHub['ask'] = async (name, line, body, headers = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(await authorization(name)), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  return {
    ...{ url, host, rooms, database, accounts, catalogue, errors, authorization, ask },
    user: async (name, { isAdmin = false } = {}) =>
      void (await accounts.users.create({ name, password, isAdmin })),
    json: async <T>(name: string | undefined, line: string, body?: unknown, status = 200) => {
      const answer = await ask(name, line, body);
      if (answer.status !== status) throw new Error(`${line}: ${answer.status} ${answer.body}`);
      return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
    },
    push: async (name, repository, tag, image) =>
      publish(url, repository, tag, image, await authorization(name)),
    pushManifest: async (name, at, bytes, mediaType) => {
      const [repository = '', reference = ''] = at.split(' ');
      return putManifest(url, repository, reference, bytes, mediaType, await authorization(name));
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await catalogue[Symbol.asyncDispose]();
      await rooms.records[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
