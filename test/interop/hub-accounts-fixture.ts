import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLog } from '#base/log.ts';
import { type Accounts, openAccounts } from '#hub/accounts/index.ts';
import type { PasswordCost } from '#hub/accounts/password-hash.ts';
import { type Area, json, serveAreas } from '#hub/http/index.ts';
import { openSqliteRecords } from '#hub/records/sqlite/index.ts';
import { type HubRooms, hubRooms } from '#hub/rooms.ts';
import type { Database } from '#state/database.ts';

/** Enough to be a hash, and no more. */
export const quick: PasswordCost = { memoryKib: 64, passes: 1, parallelism: 1 };

/** Accounts served on loopback, with a registry that has its first page only. */
export interface ServedAccounts extends AsyncDisposable {
  readonly accounts: Accounts;
  readonly rooms: HubRooms;
  readonly database: Database;
  readonly url: string;
  readonly service: string;
  readonly clock: { now: Date };
  /** What was logged so far. */
  readonly log: () => string;
  /** The address that the next requests come from. */
  address: string;
}

export async function serveAccounts(
  options: {
    readonly host?: string;
    readonly cost?: PasswordCost;
    readonly areas?: (accounts: Accounts) => readonly Area[];
  } = {},
): Promise<ServedAccounts> {
  const clock = { now: new Date() };
  const lines: string[] = [];
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) });
  const now = () => clock.now;
  const records = openSqliteRecords(':memory:', { now });
  const rooms = hubRooms(records, { log, now });
  const served = { address: '192.0.2.1' };
  const accounts = openAccounts(rooms, {
    publicAddress: (request) => {
      const service = request.headers.host ?? '';
      return { realm: `http://${service}/token`, service };
    },
    version: '1.2.3',
    passwordCost: options.cost ?? quick,
  });
  const areas = [
    ...(options.areas?.(accounts) ?? []),
    accounts.apiArea(),
    accounts.tokenArea,
    registryFront(accounts),
  ];
  const server = createServer(serveAreas(areas, { log, addressOf: () => served.address }));
  await new Promise<void>((resolve) => server.listen(0, options.host ?? '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const service = `127.0.0.1:${port}`;
  return Object.assign(served, {
    ...{
      accounts,
      rooms,
      clock,
      service,
      database: records.database,
      url: `http://${service}`,
      log: () => lines.join(''),
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await records[Symbol.asyncDispose]();
    },
  });
}

/** `/v2/`, as any registry has it: who is nobody is sent to the token service. `/v2/who` tells who asks. */
function registryFront(accounts: Accounts): Area {
  return {
    prefixes: ['/v2/'],
    authenticate: (request, address) => accounts.registryAuthenticate(request, address),
    routes: {
      'GET /v2/who': ({ actor }) => json({ ...actor, scopes: [...(actor.scopes ?? [])] }),
      'GET /v2/': ({ actor, request }) =>
        actor.kind === 'person' || actor.scopes !== undefined
          ? json({})
          : json({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }, 401, {
              'WWW-Authenticate': accounts.challenge(request, []),
            }),
    },
    missing: () => json({ errors: [{ code: 'NAME_UNKNOWN', message: 'page not found' }] }, 404),
    failed: (error, request) =>
      json({ errors: [{ code: 'UNAUTHORIZED', message: (error as Error).message }] }, 401, {
        'WWW-Authenticate': accounts.challenge(request, [], 'invalid_token'),
      }),
  };
}

/** An `Authorization` header. */
export const basic = (name: string, secret: string): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

/** A browser: it keeps cookies, and sends the CSRF token that the Hub last told it. */
export class Browser {
  readonly #served: ServedAccounts;
  readonly cookies = new Map<string, string>();
  csrf = '';

  constructor(served: ServedAccounts) {
    this.#served = served;
  }

  /** @returns the reply, its body parsed */
  async ask<T = Record<string, unknown>>(
    line: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly body: T; readonly headers: Headers }> {
    const [method = '', path = ''] = line.split(' ');
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(this.#served.url + path, {
      method,
      headers: {
        ...(cookie !== '' && { cookie }),
        ...(method !== 'GET' && {
          'x-csrf-token': this.csrf,
          origin: this.#served.url,
          'sec-fetch-site': 'same-origin',
        }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
      headers: response.headers,
    };
  }

  /** Reads who it is, as the page does first. */
  async open(): Promise<this> {
    const { body } = await this.ask<{ csrf: string }>('GET /api/session');
    this.csrf = body.csrf;
    return this;
  }

  async signIn(name: string, password: string, code?: string) {
    if (this.csrf === '') await this.open();
    const reply = await this.ask<{ csrf?: string; code?: string; user?: { name: string } }>(
      'POST /api/session',
      {
        ...{ name, password },
        ...(code !== undefined && { code }),
      },
    );
    if (reply.body.csrf !== undefined) this.csrf = reply.body.csrf;
    return reply;
  }

  #keep(line: string): void {
    const [pair = '', ...rest] = line.split('; ');
    const [name = '', value = ''] = pair.split('=');
    if (rest.includes('Max-Age=0')) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** Someone's browser, signed in. */
export async function browserOf(served: ServedAccounts, name: string, password: string): Promise<Browser> {
  const browser = new Browser(served);
  const { status } = await browser.signIn(name, password);
  if (status !== 200) throw new Error(`${name} could not sign in: ${status}`);
  return browser;
}
