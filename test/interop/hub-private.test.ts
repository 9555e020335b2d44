import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import test from 'node:test';
import type { Level, Page, Repository, RepositorySummary, TeamDetail } from '#hub/api/index.ts';
import { digestOf } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import { audited } from '../fixtures/hub-records/seed.ts';
import { type MadeImage, madeImage } from '../fixtures/images.ts';
import { type ServedHub, serveHub } from './hub-catalogue-fixture.ts';
import { type Asker, Model, type ModelRepository } from './hub-private-model.ts';
import {
  type AskedOf,
  apiRequests,
  plain,
  registryRequests,
  takingRequests,
} from './hub-private-requests.ts';

const people = ['ann', 'bob', 'cat', 'dan', 'eve'];
const organisations = ['crew', 'club'];
const teams = ['readers', 'writers'];
const levels: readonly Level[] = ['read', 'write', 'admin'];
const root = 'root1';

/** Numbers that are the same for the same seed. */
const numbers = (seed: number) => {
  let count = 0;
  return (below: number): number => {
    const bytes = createHash('sha256').update(`${seed} ${count++}`).digest();
    return bytes.readUInt32BE() % below;
  };
};

interface World {
  readonly hub: ServedHub;
  readonly model: Model;
  readonly images: ReadonlyMap<string, MadeImage>;
  readonly below: (most: number) => number;
  pick<T>(from: readonly T[]): T;
}

const of = <T>(values: Iterable<T>): readonly T[] => [...values];

async function populated(seed: number): Promise<World & AsyncDisposable> {
  const hub = await serveHub();
  const model = new Model(root);
  const below = numbers(seed);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  await hub.user(root, { isAdmin: true });
  await hub.rooms.records.plans.change('unlimited', { isDefault: true }, audited);
  for (const name of people) await hub.user(name);
  for (const name of organisations) {
    await hub.json(root, 'POST /api/organisations', { name, displayName: name }, 201);
    model.roles.set(name, new Map());
    for (const team of teams) {
      await hub.json(root, `POST /api/organisations/${name}/teams`, { name: team, description: '' }, 201);
      model.teams.set(`${name}/${team}`, new Set());
    }
  }
  const images = new Map<string, MadeImage>();
  const world = { hub, model, images, below, pick };
  for (const owner of [...people, ...organisations])
    for (const name of ['one', 'two']) {
      images.set(`${owner}/${name}`, madeImage({ layers: [{ [name]: `${owner}/${name} ${seed}` }] }));
      await make(world, `${owner}/${name}`);
    }
  return { ...world, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

async function make({ hub, model, images }: World, name: string): Promise<void> {
  const [owner = ''] = name.split('/');
  await hub.json(
    root,
    'POST /api/repositories',
    { name, visibility: 'private', description: `hidden ${name}` },
    201,
  );
  await hub.push(root, name, 'latest', images.get(name)!);
  model.repositories.set(name, { name, owner, visibility: 'private', teams: new Map(), users: new Map() });
}

const changes: readonly ((world: World, repository: ModelRepository) => Promise<void>)[] = [
  async ({ hub }, repository) => {
    repository.visibility = repository.visibility === 'public' ? 'private' : 'public';
    await hub.json(root, `PATCH /api/repositories/${repository.name}`, { visibility: repository.visibility });
  },
  async ({ hub, pick, below }, { name, owner, users }) => {
    const user = pick(people.filter((one) => one !== owner));
    const path = `/api/repositories/${name}/-/grants/users/${user}`;
    if (users.has(user) && below(2) === 0) {
      users.delete(user);
      await hub.json(root, `DELETE ${path}`, undefined, 204);
    } else {
      users.set(user, pick(levels));
      await hub.json(root, `PUT ${path}`, { level: users.get(user) }, 204);
    }
  },
  async ({ hub, pick, below }, { name, owner, teams: granted }) => {
    if (!organisations.includes(owner)) return;
    const team = pick(teams);
    const path = `/api/repositories/${name}/-/grants/teams/${team}`;
    if (granted.has(team) && below(2) === 0) {
      granted.delete(team);
      await hub.json(root, `DELETE ${path}`, undefined, 204);
    } else {
      granted.set(team, pick(levels));
      await hub.json(root, `PUT ${path}`, { level: granted.get(team) }, 204);
    }
  },
  async ({ hub, model, pick, below }) => {
    const organisation = pick(organisations);
    const user = pick(people);
    const path = `/api/organisations/${organisation}/members/${user}`;
    const roles = model.roles.get(organisation)!;
    if (roles.has(user) && below(2) === 0) {
      roles.delete(user);
      for (const team of teams) model.teams.get(`${organisation}/${team}`)!.delete(user);
      await hub.json(root, `DELETE ${path}`, undefined, 204);
    } else {
      roles.set(user, pick(['owner', 'editor', 'member', 'member']));
      await hub.json(root, `PUT ${path}`, { role: roles.get(user) }, 204);
    }
  },
  async ({ hub, model, pick }) => {
    const organisation = pick(organisations);
    const members = of(model.roles.get(organisation)!.keys());
    if (members.length === 0) return;
    const user = pick(members);
    const team = pick(teams);
    const inTeam = model.teams.get(`${organisation}/${team}`)!;
    const path = `/api/organisations/${organisation}/teams/${team}/members/${user}`;
    await hub.json(root, `${inTeam.has(user) ? 'DELETE' : 'PUT'} ${path}`, undefined, 204);
    if (!inTeam.delete(user)) inTeam.add(user);
  },
  async (world, { name }) => {
    await world.hub.json(root, `DELETE /api/repositories/${name}`, undefined, 204);
    await make(world, name);
  },
];

/** An answer without what is its own: its time, and names and ids that stand for others in the request. */
async function told(
  { hub }: World,
  { line, body, headers }: AskedOf,
  {
    authorization,
    stands,
  }: { readonly authorization: Record<string, string>; readonly stands: Record<string, string> },
): Promise<{ readonly status: number; readonly headers: unknown; readonly body: string }> {
  const answer = await hub.ask(undefined, line, body, { ...authorization, ...headers });
  const kept = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'docker-upload-uuid');
  return {
    status: answer.status,
    headers: kept.map(([name, value]) => [name, plain(value, stands)]),
    body: plain(answer.body, stands),
  };
}

/** Not each request's: when an access token was used last is noted now and then; signing keys and plans' limits are kept in memory. */
const nowAndThen = /UPDATE access_token|signing_key|SELECT max\(p.pulls_per_hour/;

/** The statements that a call runs. */
async function statementsOf(database: Database, call: () => Promise<unknown>): Promise<readonly string[]> {
  const ran: string[] = [];
  const names = ['all', 'get', 'run'] as const;
  for (const name of names)
    Object.defineProperty(database, name, {
      configurable: true,
      value: (sql: string, ...values: never[]) => {
        if (!nowAndThen.test(sql)) ran.push(sql);
        return Object.getPrototypeOf(database)[name].call(database, sql, ...values);
      },
    });
  try {
    await call();
  } finally {
    for (const name of names) delete (database as Partial<Record<typeof name, unknown>>)[name];
  }
  return ran;
}

/** As long as what it stands for. */
const random = (length: number): string =>
  Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz'[randomInt(26)]).join('');

interface Twins {
  readonly there: { readonly name: string; readonly manifest: string; readonly blob: string };
  readonly missing: { readonly name: string; readonly manifest: string; readonly blob: string };
}

function twinsOf({ images }: World, { name, owner }: ModelRepository): Twins {
  const image = images.get(name)!;
  return {
    there: { name, manifest: image.digest, blob: digestOf(image.layers[0]!.blob) },
    missing: {
      name: `${owner}/${random(name.length - owner.length - 1)}`,
      ...{ manifest: digestOf(random(20)), blob: digestOf(random(20)) },
    },
  };
}

const standsFor = ({ name, manifest, blob }: Twins['there']): Record<string, string> => ({
  ...{ [name]: 'NAME', [encodeURIComponent(name)]: 'NAME', [manifest]: 'MANIFEST', [blob]: 'BLOB' },
});

/** Every request about a repository that the asker may not see, and the same about one that is not there. */
async function holdsAlike(world: World, asker: Asker, repository: ModelRepository): Promise<void> {
  const { hub, below } = world;
  const twins = twinsOf(world, repository);
  const scope = levels[below(levels.length)]!;
  const basic = await hub.authorization(asker, scope);
  const asked = async (name: string) => statementsOf(hub.database, () => registryToken(world, basic, name));
  assert.deepEqual(await asked(twins.there.name), await asked(twins.missing.name), 'statements of /token');
  const [there, missing] = await Promise.all(
    [twins.there, twins.missing].map(async (one) => ({
      stands: standsFor(one),
      requests: [
        ...apiRequests(one.name, one.manifest).map((request) => ({ request, authorization: basic })),
        ...registryRequests(one.name, one).map((request) => ({ request, authorization: basic })),
        ...(await registryToken(world, basic, one.name)).flatMap((authorization) =>
          registryRequests(one.name, one).map((request) => ({ request, authorization })),
        ),
        ...(asker === undefined ? [] : takingRequests(`${asker}/one`, one)).map((request) => ({
          request,
          authorization: basic,
        })),
      ],
    })),
  );
  let ran = 0;
  for (const [index, { request, authorization }] of there!.requests.entries()) {
    const other = missing!.requests[index]!;
    const answers: unknown[] = [];
    const hidden = await statementsOf(hub.database, async () =>
      answers.push(await told(world, request, { authorization, stands: there!.stands })),
    );
    const absent = await statementsOf(hub.database, async () =>
      answers.push(
        await told(world, other.request, { authorization: other.authorization, stands: missing!.stands }),
      ),
    );
    const what = `${asker} (${scope}): ${request.line}`;
    assert.deepEqual(answers[0], answers[1], what);
    ran += hidden.length;
    assert.deepEqual(hidden, absent, `${what}: statements`);
  }
  // less than one each: much of what strangers ask is refused before anything is looked up
  assert.ok(ran > there!.requests.length / 2, 'statements were seen');
}

/** A registry token that was asked for a repository, and says the same of it whether it is there or not. */
async function registryToken(
  { hub }: World,
  basic: Record<string, string>,
  name: string,
): Promise<readonly Record<string, string>[]> {
  const scope = encodeURIComponent(`repository:${name}:pull,push,delete`);
  const answer = await hub.ask(undefined, `GET /token?service=${hub.host}&scope=${scope}`, undefined, basic);
  assert.equal(answer.status, 200, answer.body);
  const { token } = JSON.parse(answer.body) as { readonly token: string };
  const { access } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
    readonly access: readonly { readonly actions: readonly string[] }[];
  };
  assert.deepEqual(
    access.flatMap(({ actions }) => actions),
    [],
    `${name}: what a token is for`,
  );
  return [{ authorization: `Bearer ${token}` }];
}

/** Lists have what the asker may see, and nothing else; what may be seen says what may be done. */
async function holdsLists({ hub, model }: World, asker: Asker): Promise<void> {
  const visible = model.visible(asker);
  const namesIn = async (line: string) =>
    (await hub.json<Page<RepositorySummary>>(asker, line)).items.map(({ name }) => name).sort();
  assert.deepEqual(await namesIn('GET /api/repositories?size=100'), visible, `${asker}: list`);
  assert.deepEqual(await namesIn('GET /api/search?q=hidden&size=100'), visible, `${asker}: search`);
  const v1 = await hub.json<{ num_results: number; results: readonly { readonly name: string }[] }>(
    ...([asker, 'GET /v1/search?q=hidden&n=100'] as const),
  );
  assert.deepEqual(v1.results.map(({ name }) => name).sort(), visible, `${asker}: docker search`);
  assert.equal(v1.num_results, visible.length);
  if (asker !== undefined) {
    const catalogue = await hub.json<{ repositories: readonly string[] }>(asker, 'GET /v2/_catalog');
    assert.deepEqual(catalogue.repositories, visible, `${asker}: catalogue`);
  }
  for (const repository of model.repositories.values()) {
    const level = model.level(asker, repository);
    const answer = await hub.ask(asker, `GET /api/repositories/${repository.name}`);
    assert.equal(answer.status, level === undefined ? 404 : 200, `${asker}: ${repository.name}`);
    if (level !== undefined) assert.equal((JSON.parse(answer.body) as Repository).level, level);
  }
}

/** Pages of others that may name repositories. */
async function holdsPages({ hub, model }: World, asker: Asker): Promise<void> {
  if (asker === undefined) return;
  const hidden = of(model.repositories.values()).filter((one) => model.level(asker, one) === undefined);
  const lines = organisations.flatMap((name) => [
    ...[`GET /api/organisations/${name}/teams`, `GET /api/organisations/${name}/members`],
    ...teams.map((team) => `GET /api/organisations/${name}/teams/${team}`),
    ...[`GET /api/accounts/${name}`, `GET /api/accounts/${name}/usage`, `GET /api/audit?owner=${name}`],
  ]);
  for (const line of [...lines, 'GET /api/audit', 'GET /api/user', 'GET /api/repositories?starred=true']) {
    const answer = await hub.ask(asker, line);
    for (const { name } of hidden) assert.ok(!answer.body.includes(`"${name}`), `${asker}: ${line}: ${name}`);
    if (/teams\/\w+$/.test(line) && answer.status === 200)
      assert.equal(
        (JSON.parse(answer.body) as TeamDetail).repositories,
        (JSON.parse(answer.body) as TeamDetail).grants.length,
      );
  }
}

const seed = Number(process.env['HUB_PRIVATE_SEED'] ?? randomInt(1 << 30));
const rounds = Number(process.env['HUB_PRIVATE_ROUNDS'] ?? 15);

test(`a private repository does not exist for who may not read it (seed ${seed})`, async () => {
  await using world = await populated(seed);
  const { model, pick, below, hub } = world;
  let held = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (let turns = 1 + below(5); turns > 0; turns -= 1)
      await pick(changes)(world, pick(of(model.repositories.values())));
    const asker = pick([undefined, ...people]);
    await holdsLists(world, asker);
    await holdsPages(world, asker);
    const hidden = of(model.repositories.values()).filter((one) => model.level(asker, one) === undefined);
    if (hidden.length === 0) continue;
    await holdsAlike(world, asker, pick(hidden));
    held += 1;
  }
  await holdsLists(world, root);
  assert.ok(held > rounds / 2, `${held} of ${rounds} rounds had something hidden`);
  assert.deepEqual(hub.errors, []);
});
