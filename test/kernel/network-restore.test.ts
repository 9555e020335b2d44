import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { type NetworkPlan, openNetworks, type PortRequest } from '#network/index.ts';
import { Database } from '#state/index.ts';
import { logInto, port, startContainer, talk } from './network-fixture.ts';
import { enterFreshHost, Namespace, play, TestSocket } from './network-namespaces.ts';

interface Victim {
  readonly process: ChildProcess;
  readonly plans: readonly NetworkPlan[];
}

/** Runs a process on `database` that attaches these containers. It is killed by the test, or where `crashAt` says. */
async function startVictim(
  database: string,
  containers: readonly { id: string; ports: PortRequest[]; released?: boolean }[],
  crashAt?: string,
): Promise<Victim> {
  const script = join(import.meta.dirname, 'network-victim.ts');
  const child = spawn(process.execPath, [script, database, JSON.stringify(containers)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HOIST_CRASH_AT: crashAt },
  });
  let text = '';
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const told = new Promise<void>((resolve) =>
    child.stdout.on('data', (bytes) => {
      text += bytes;
      if (text.endsWith('\n')) resolve();
    }),
  );
  await Promise.race([told, ended]);
  const plans = text === '' ? [] : (JSON.parse(text) as { host: { bytes: string }[]; inner: string[] }[]);
  return {
    process: child,
    plans: plans.map(({ host, inner }) => ({
      host: host.map((one) => ({ ...one, bytes: Buffer.from(one.bytes, 'hex') })),
      inner: inner.map((bytes) => Buffer.from(bytes, 'hex')),
    })),
  };
}

const killed = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

const folder = (): string => mkdtempSync(join(tmpdir(), 'hoist-network-'));
const rules = (): string => execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
const ports = (): string[] =>
  execFileSync('ip', ['-br', 'link', 'show', 'type', 'veth'], { encoding: 'utf8' }).match(/^\w+/gm) ?? [];

test('a killed engine: traffic goes on, and the next one takes back what runs and nothing else', async () => {
  using host = enterFreshHost();
  const directory = folder();
  const path = join(directory, 'hoist.db');
  const victim = await startVictim(path, [
    { id: 'runs', ports: [port('8080:80')] },
    { id: 'ended', ports: [port('9090:80')] },
  ]);
  using runs = Namespace.fresh();
  using ended = Namespace.fresh();
  play(victim.plans[0]!, runs);
  play(victim.plans[1]!, ended);
  await killed(victim.process);
  using server = TestSocket.listening('tcp', runs, 80);
  await talk(host, ['127.0.0.1', 8080], server);

  const log: string[] = [];
  const networks = openNetworks({ database: new Database(path), log: logInto(log) });
  await networks.restore(new Set(['runs']));
  await talk(host, ['127.0.0.1', 8080], server);
  assert.deepEqual(
    networks.sandboxOf('runs').ports.map(({ hostPort }) => hostPort),
    [8080, 8080],
  );
  assert.deepEqual(networks.sandboxOf('ended'), { endpoints: [], ports: [] });
  assert.equal(ports().length, 1, "the ended container's link is gone");
  assert.match(rules(), /tcp \. 8080 : 172\.17\.0\.2 \. 80/);
  assert.doesNotMatch(rules(), /9090/);

  const taken = networks.attach({
    containerId: 'x',
    networks: [{ network: 'bridge' }],
    ports: [port('8080:80')],
  });
  await assert.rejects(taken, { message: /port is already allocated/ });
  using next = await startContainer(networks, 'next', { ports: [port('9090:80')] });
  assert.equal(next.address, '172.17.0.3');
  for (const id of ['runs', 'next']) await networks.release(id);
  await networks.close();
  assert.equal(rules(), '');
  rmSync(directory, { recursive: true });
});

for (const crashAt of ['network.attach.recorded', 'network.release.recorded']) {
  test(`killed at ${crashAt}: nothing is left of it`, async () => {
    using _host = enterFreshHost();
    const directory = folder();
    const path = join(directory, 'hoist.db');
    const victim = await startVictim(
      path,
      [{ id: 'web', ports: [port('8080:80')], released: true }],
      crashAt,
    );
    assert.equal(victim.process.signalCode, 'SIGKILL');
    const database = new Database(path);
    const networks = openNetworks({ database });
    await networks.restore(new Set());
    for (const table of ['endpoint', 'lease', 'published_port'])
      assert.deepEqual(database.all(`SELECT * FROM ${table}`), []);
    assert.doesNotMatch(rules(), /8080/);
    await networks.attach({
      containerId: 'web',
      networks: [{ network: 'bridge' }],
      ports: [port('8080:80')],
    });
    await networks.release('web');
    await networks.close();
    rmSync(directory, { recursive: true });
  });
}

test('ids and subnet stay from one engine to the next', async () => {
  using _host = enterFreshHost();
  const database = new Database(':memory:');
  const show = async () => {
    const networks = openNetworks({ database });
    await networks.restore(new Set());
    const list = await networks.directory.list();
    await networks.close();
    return list;
  };
  execFileSync('ip', ['link', 'add', 'other', 'type', 'bridge']);
  execFileSync('ip', ['addr', 'add', '172.17.9.1/24', 'dev', 'other']);
  execFileSync('ip', ['link', 'set', 'other', 'up']);
  const first = await show();
  assert.deepEqual(first.find(({ Name }) => Name === 'bridge')?.IPAM.Config, [
    { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' },
  ]);
  execFileSync('ip', ['link', 'delete', 'other']);
  assert.deepEqual(await show(), first);
});

test('two engines on one host do not meet', async () => {
  using host = enterFreshHost();
  const open = async (name: string) => {
    const networks = openNetworks({ database: new Database(':memory:'), bridge: { name } });
    await networks.restore(new Set());
    return networks;
  };
  const [one, two] = [await open('one0'), await open('two0')];
  using web = await startContainer(one, 'web', { ports: [port('8080:80')] });
  using shop = await startContainer(two, 'shop', { ports: [port('9090:80')] });
  using webServer = TestSocket.listening('tcp', web.namespace, 80);
  using shopServer = TestSocket.listening('tcp', shop.namespace, 80);
  assert.deepEqual([web.address, shop.address], ['172.17.0.2', '172.18.0.2']);
  await talk(host, ['127.0.0.1', 8080], webServer);
  await talk(host, ['127.0.0.1', 9090], shopServer);
  await talk(web.namespace, ['172.17.0.1', 9090], shopServer);
  await one.release('web');
  await one.close();
  await talk(host, ['127.0.0.1', 9090], shopServer);
  await two.release('shop');
  await two.close();
  assert.equal(rules(), '');
});
