import { existsSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { join } from 'node:path';
import { conflict } from '#base/errors.ts';
import { KeyedLock } from '#base/keyed-lock.ts';
import type { Log } from '#base/log.ts';
import { type Accounts, type AccountsOptions, openAccounts } from './accounts/index.ts';
import { type Catalogue, openCatalogue } from './catalogue/index.ts';
import { type Area, serveAreas } from './http/index.ts';
import { hubPaths } from './paths.ts';
import { AccessLog } from './program/access-log.ts';
import { addressOf, type Proxies, proxiesOf } from './program/client-address.ts';
import { openControl } from './program/control.ts';
import { lockDirectory } from './program/directory-lock.ts';
import { createServer, type Patience, type TlsPair } from './program/listener.ts';
import { publicAddress } from './program/public-address.ts';
import { hubVersion } from './program/version.ts';
import { openSqliteRecords } from './records/sqlite/index.ts';
import { openRegistry } from './registry/index.ts';
import { type HubRooms, hubRooms } from './rooms.ts';
import { type BlobStore, openDirectoryStore } from './store/index.ts';
import { dropSnapshots, Upkeep } from './upkeep/index.ts';
import { openWebAssets } from './web-assets.ts';

/** The page, as scripts/build-web.sh leaves it. */
const pageDirectory = join(import.meta.dirname, '../../dist/hub-web');

export interface HubOptions {
  /** The Hub's own, 0700; made when it is not there. */
  readonly directory: string;
  readonly log: Log;
  readonly now?: () => Date;
  /** Where clients find it; by the name that they ask for when absent. */
  readonly publicUrl?: URL | undefined;
  /** Whose `X-Forwarded-` headers are believed. */
  readonly proxies?: Proxies;
  readonly patience?: Patience;
  readonly passwordCost?: AccountsOptions['passwordCost'];
}

/** A Hub that is open: one for a directory at a time. */
export interface Hub extends AsyncDisposable {
  readonly rooms: HubRooms;
  readonly store: BlobStore;
  readonly accounts: Accounts;
  readonly catalogue: Catalogue;
  readonly upkeep: Upkeep;
  /** A server of its areas, that does not listen yet. End it before the Hub is disposed of. */
  createServer(tls?: TlsPair): Server;
}

/**
 * Opens the Hub that lives in a directory, and begins its upkeep.
 *
 * @throws {EngineError} `conflict` while another process has it, or a restore of it is unfinished
 */
export async function openHub(options: HubOptions): Promise<Hub> {
  const { directory, log, now, proxies = proxiesOf([]) } = options;
  await using held = new AsyncDisposableStack();
  held.use(await lockDirectory(directory));
  checkFinished(directory);
  const records = held.use(openSqliteRecords(hubPaths(directory).database, now && { now }));
  const rooms = hubRooms(records, { log, now });
  await dropSnapshots(rooms.records, directory);
  const store = await openDirectoryStore(directory);
  const locks = new KeyedLock();
  const upkeep = new Upkeep(rooms, { store, locks });
  const accounts = openAccounts(rooms, {
    version: hubVersion,
    publicAddress: (request) => publicAddress(request, { url: options.publicUrl, proxies }),
    ...(options.passwordCost && { passwordCost: options.passwordCost }),
  });
  const catalogue = held.use(
    openCatalogue(rooms, { store, version: hubVersion, collect: (asked) => upkeep.collect(asked) }),
  );
  const areas = areasOf({ rooms, store, locks, accounts, catalogue });
  held.use(await openControl(directory, (asked) => upkeep.collect(asked)));
  held.use(upkeep.start());
  const parts = held.move();
  return {
    ...{ rooms, store, accounts, catalogue, upkeep },
    createServer: (tls) => serverOf(areas, { log, proxies, tls, patience: options.patience }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** In the order in which their prefixes are tried. */
function areasOf({
  rooms,
  store,
  locks,
  accounts,
  catalogue,
}: {
  readonly rooms: HubRooms;
  readonly store: BlobStore;
  readonly locks: KeyedLock;
  readonly accounts: Accounts;
  readonly catalogue: Catalogue;
}): readonly Area[] {
  const registry = openRegistry(rooms, {
    ...{ store, locks, pulls: catalogue.pulls },
    authenticate: (request, address) => accounts.registryAuthenticate(request, address),
    challenge: (request, scopes, error) => accounts.challenge(request, scopes, error),
  });
  return [
    registry.area,
    accounts.tokenArea,
    accounts.apiArea(catalogue.apiRoutes),
    catalogue.searchArea({
      authenticate: (request, address) => accounts.registryAuthenticate(request, address),
      challenge: (request) => accounts.challenge(request, []),
    }),
    openWebAssets({ directory: pageDirectory }),
  ];
}

function serverOf(
  areas: readonly Area[],
  {
    log,
    proxies,
    tls,
    patience,
  }: {
    readonly log: Log;
    readonly proxies: Proxies;
    readonly tls: TlsPair | undefined;
    readonly patience: Patience | undefined;
  },
): Server {
  const accessLog = new AccessLog(log);
  const address = (request: IncomingMessage) => addressOf(request, proxies);
  const serve = serveAreas(
    areas.map((area) => accessLog.watched(area)),
    { log, addressOf: address },
  );
  return createServer(
    (request, response) => {
      accessLog.follow(request, response, address(request));
      serve(request, response);
    },
    { tls, ...(patience && { patience }) },
  );
}

/** @throws {EngineError} `conflict` */
function checkFinished(directory: string): void {
  if (existsSync(hubPaths(directory).unfinished))
    throw conflict(`a restore into ${directory} was not finished: run it again`);
}
