import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { RegistryClient } from '#distribution/client.ts';
import { defaultRegistryConfig } from '#distribution/registry-config.ts';
import { createAuthority } from '../fixtures/certificates.ts';
import { startProxy } from '../fixtures/cutting-proxy.ts';
import { madeImage, tarOf } from '../fixtures/images.ts';
import { linesOf, openTestImages } from '../fixtures/open-images.ts';
import {
  freePort,
  publish,
  skipWithoutRegistry,
  startRegistry,
  type TestRegistry,
} from '../fixtures/registry.ts';
import { refreshToken, startTokenServer, type TokenServer } from '../fixtures/token-server.ts';

const alice = { username: 'alice', password: 'secret' };
const mallory = { username: 'alice', password: 'wrong' };
const image = madeImage({ layers: [{ a: '1' }, { b: '2' }] });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'hoist-auth-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

suite('a registry with passwords', { skip: skipWithoutRegistry }, () => {
  let registry: TestRegistry;
  before(async () => {
    registry = await startRegistry({ basic: true });
    const authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
    await publish(`http://${registry.host}`, 'app', 'latest', image, { authorization });
  });
  after(() => registry[Symbol.asyncDispose]());

  test('pull and push with the password; without or with another, neither', async () => {
    await using engine = await openTestImages();
    const { images } = engine;
    const name = `${registry.host}/app`;
    await linesOf(images.pull({ name, credentials: alice }));
    assert.equal(images.get(name).id, image.id);
    await linesOf(images.push({ name, credentials: alice }));
    await assert.rejects(linesOf(images.pull({ name })), {
      kind: 'unauthorized',
      message: /no basic auth credentials$/,
    });
    await assert.rejects(linesOf(images.pull({ name, credentials: mallory })), {
      kind: 'unauthorized',
      message: 'unauthorized: authentication required',
    });
    await assert.rejects(linesOf(images.push({ name, credentials: mallory })), { kind: 'unauthorized' });
  });

  test('login', async () => {
    await using engine = await openTestImages();
    const serveraddress = registry.host;
    assert.deepEqual(await engine.images.login({ ...alice, serveraddress }), { identityToken: '' });
    await assert.rejects(engine.images.login({ ...mallory, serveraddress }), {
      kind: 'unauthorized',
      message: `login attempt to http://${registry.host}/v2/ failed with status: 401 Unauthorized`,
    });
    await assert.rejects(engine.images.login({ ...alice, serveraddress: '127.0.0.1:1' }), {
      kind: 'unavailable',
    });
  });
});

suite('a registry with tokens', { skip: skipWithoutRegistry }, () => {
  let folder: string;
  let tokens: TokenServer;
  let registry: TestRegistry;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hoist-auth-'));
    tokens = await startTokenServer(folder);
    registry = await startRegistry({ token: tokens });
    await using engine = await openTestImages();
    for (const repository of ['public/app', 'private/app']) {
      const name = `${registry.host}/${repository}`;
      await linesOf(engine.images.import({ tar: once(tarOf({ a: repository })), name }));
      await linesOf(engine.images.push({ name, credentials: alice }));
    }
  });
  after(async () => {
    await registry[Symbol.asyncDispose]();
    await tokens[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('anybody pulls what is public, with one token for all of it', async () => {
    await using engine = await openTestImages();
    tokens.asked.length = 0;
    await linesOf(engine.images.pull({ name: `${registry.host}/public/app` }));
    assert.deepEqual(tokens.asked, [
      { method: 'GET', account: '', scopes: ['repository:public/app:pull'], offline: false },
    ]);
  });

  test('what is private is denied without saying whether it exists', async () => {
    await using engine = await openTestImages();
    const name = `${registry.host}/private/app`;
    const denied = {
      kind: 'notFound',
      message: `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    };
    await assert.rejects(linesOf(engine.images.pull({ name })), denied);
    await assert.rejects(linesOf(engine.images.pull({ name, credentials: mallory })), {
      kind: 'unauthorized',
      message: 'unauthorized: incorrect username or password',
    });
    await linesOf(engine.images.pull({ name, credentials: alice }));
  });

  test('push without a right to is denied', async () => {
    await using engine = await openTestImages();
    const name = `${registry.host}/public/app`;
    await linesOf(engine.images.pull({ name }));
    engine.images.tag(name, `${registry.host}/public/mine`);
    await assert.rejects(linesOf(engine.images.push({ name: `${registry.host}/public/mine` })), {
      kind: 'forbidden',
      message: 'denied: requested access to the resource is denied',
    });
  });

  test('a layer is mounted where the token allows both ends', async () => {
    await using engine = await openTestImages();
    const name = `${registry.host}/private/app`;
    await linesOf(engine.images.pull({ name, credentials: alice }));
    engine.images.tag(name, `${registry.host}/private/copy`);
    const lines = await linesOf(
      engine.images.push({ name: `${registry.host}/private/copy`, credentials: alice }),
    );
    assert.ok(
      lines.some((line) => line.endsWith('Mounted from private/app')),
      lines.join('\n'),
    );
  });

  test('login gives an identity token, and that does instead of the password', async () => {
    await using engine = await openTestImages();
    const serveraddress = registry.host;
    assert.deepEqual(await engine.images.login({ ...alice, serveraddress }), { identityToken: refreshToken });
    assert.equal(tokens.asked.at(-1)?.offline, true);
    await linesOf(
      engine.images.pull({
        name: `${registry.host}/private/app`,
        credentials: { identitytoken: refreshToken },
      }),
    );
    assert.deepEqual(tokens.asked.at(-1), {
      method: 'POST',
      account: 'alice',
      scopes: ['repository:private/app:pull'],
      offline: false,
    });
    await assert.rejects(engine.images.login({ ...mallory, serveraddress }), {
      kind: 'unauthorized',
      message: 'unauthorized: incorrect username or password',
    });
  });
});

suite('how registries are reached', { skip: skipWithoutRegistry }, () => {
  // Loopback needs no certificate at all: this is about a registry elsewhere.
  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  const noAddress = address === undefined ? 'no address besides loopback' : false;
  test(
    'a private authority is believed where its certificate lies, and a client certificate is shown',
    { skip: noAddress },
    () =>
      inFolder(async (folder) => {
        const authority = createAuthority(folder, 'ca');
        const server = authority.issue('server', { usage: 'serverAuth', names: `IP:${address}` });
        const client = authority.issue('client', { usage: 'clientAuth' });
        await using registry = await startRegistry({
          tls: { ...server, clientAuthority: authority.certificate },
          address: address!,
        });
        const certificates = join(folder, 'certs.d');
        const own = join(certificates, registry.host);
        await mkdir(own, { recursive: true });
        const reached = (registryConfig: object, message: RegExp) =>
          assertAnswer(registry.host, registryConfig, message);

        await reached({ certificateFolders: [] }, /x509: certificate signed by unknown authority$/);
        await copyFile(authority.certificate, join(own, 'ca.crt'));
        await reached({ certificateFolders: [certificates] }, /Get "https:/);
        await copyFile(client.certificate, join(own, 'client.cert'));
        await reached(
          { certificateFolders: [certificates] },
          /^missing key client.key for client certificate client.cert/,
        );
        await copyFile(client.key, join(own, 'client.key'));
        await reached({ certificateFolders: [certificates] }, /manifest unknown$/);
        await reached(
          { certificateFolders: [], insecureRegistries: [`${address}/32`] },
          /^Get "http:|HTTP request to an HTTPS server/,
        );
      }),
  );

  test(
    'settings and certificates that are put right take effect without a new start',
    { skip: noAddress },
    () =>
      inFolder(async (folder) => {
        const authority = createAuthority(folder, 'ca');
        const server = authority.issue('server', { usage: 'serverAuth', names: `IP:${address}` });
        await using registry = await startRegistry({ tls: server, address: address! });
        const certificates = join(folder, 'certs.d');
        const settings = {
          ...defaultRegistryConfig,
          insecureRegistries: [] as string[],
          certificateFolders: [certificates],
        };
        using client = new RegistryClient(settings);
        const reach = () => client.repository({ domain: registry.host, path: 'x' }, { access: 'pull' });
        await assert.rejects(reach(), /unknown authority/);
        settings.insecureRegistries = [registry.host];
        await reach();
        settings.insecureRegistries = [];
        await assert.rejects(reach(), /unknown authority/);
        await mkdir(join(certificates, registry.host), { recursive: true });
        await copyFile(authority.certificate, join(certificates, registry.host, 'ca.crt'));
        await reach();
      }),
  );

  test('an insecure registry is reached with a certificate nobody vouches for', () =>
    inFolder(async (folder) => {
      const pair = createAuthority(folder, 'ca').issue('server', {
        usage: 'serverAuth',
        names: 'IP:127.0.0.1',
      });
      await using registry = await startRegistry({ tls: pair });
      await assertAnswer(registry.host, {}, /manifest unknown$/);
    }));

  async function assertAnswer(host: string, registry: object, message: RegExp): Promise<void> {
    await using engine = await openTestImages({ registry });
    await assert.rejects(linesOf(engine.images.pull({ name: `${host}/absent` })), { message });
  }

  test('mirrors come before the default registry, which stands in for what they lack; no password goes to them', async () => {
    await using registry = await startRegistry();
    await using mirror = await startRegistry();
    await publish(`http://${registry.host}`, 'library/both', 'latest', image);
    await publish(`http://${mirror.host}`, 'library/both', 'latest', image);
    await publish(`http://${registry.host}`, 'library/one', 'latest', image);
    await using own = await startProxy(registry.host);
    await using near = await startProxy(mirror.host);
    const mirrors = ['http://127.0.0.1:1', `http://${near.host}`];
    await using engine = await openTestImages({
      registry: { mirrors, defaultRegistry: `http://${own.host}` },
    });
    await linesOf(engine.images.pull({ name: 'both', credentials: alice }));
    assert.deepEqual(
      own.passed.filter(({ path }) => path !== '/v2/'),
      [],
    );
    assert.ok(near.passed.every(({ authorization }) => authorization === undefined));
    await linesOf(engine.images.pull({ name: 'one' }));
    assert.deepEqual(engine.images.get('one').id, image.id);
  });

  test('a redirect to another host is followed without the password', async () => {
    await using registry = await startRegistry({ basic: true });
    const authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
    await publish(`http://${registry.host}`, 'app', 'latest', image, { authorization });
    const seen: (string | undefined)[] = [];
    const blobs = createServer((request, response) => {
      seen.push(request.headers.authorization);
      const layer = image.layers.find(({ descriptor }) => request.url?.endsWith(descriptor.digest));
      response.writeHead(200, { 'content-length': String(layer?.blob.length) }).end(layer?.blob);
    });
    await new Promise<void>((resolve) => blobs.listen(0, '127.0.0.1', resolve));
    const { port } = blobs.address() as { port: number };
    await using proxy = await startProxy(registry.host);
    proxy.fault = ({ path }) =>
      path.includes('/blobs/') && !path.endsWith(image.id)
        ? { status: 307, headers: { location: `http://127.0.0.1:${port}${path}` } }
        : undefined;
    await using engine = await openTestImages();
    await linesOf(engine.images.pull({ name: `${proxy.host}/app`, credentials: alice }));
    blobs.closeAllConnections();
    blobs.close();
    assert.deepEqual(seen, [undefined, undefined]);
    assert.equal(engine.images.count(), 1);
  });

  test('a registry that sends its clients round and round is left', async () => {
    await using registry = await startRegistry();
    await using proxy = await startProxy(registry.host);
    proxy.fault = ({ path }) => (path === '/v2/' ? undefined : { status: 302, headers: { location: path } });
    await using engine = await openTestImages();
    await assert.rejects(linesOf(engine.images.pull({ name: `${proxy.host}/x` })), {
      message: /stopped after 10 redirects/,
    });
  });

  test('nobody there', async () => {
    await using engine = await openTestImages();
    const port = await freePort();
    await assert.rejects(linesOf(engine.images.pull({ name: `localhost:${port}/x` })), {
      kind: 'unavailable',
      message: new RegExp(
        `^Get "http://localhost:${port}/v2/": dial tcp .*:${port}: connect: connection refused$`,
      ),
    });
    await assert.rejects(linesOf(engine.images.pull({ name: 'registry.invalid/x' })), {
      kind: 'unavailable',
      message: /^Get "https:\/\/registry.invalid\/v2\/": dial tcp: lookup registry.invalid/,
    });
  });
});
