import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { which } from '../fixtures/engines.ts';
import { limited } from '../fixtures/hub-records/limits.ts';
import { madeImage, noise } from '../fixtures/images.ts';
import { publish } from '../fixtures/registry.ts';
import {
  basicOf,
  type HubRegistry,
  password,
  startHubRegistry,
} from '../fixtures/registry-conformance-hub.ts';

const image = madeImage({ layers: [{ a: noise(200_000, 1) }, { b: 'two' }], run: { Cmd: ['/a'] } });

/** On PATH, or where `go install` puts programs (test/fixtures/registry-conformance-clients.sh). */
function client(name: string): { readonly program: string; readonly skip: string | false } {
  const folder = process.env['GOBIN'] ?? join(process.env['GOPATH'] ?? join(homedir(), 'go'), 'bin');
  const program = which(name) ?? join(folder, name);
  return { program, skip: existsSync(program) ? false : `not installed: ${name}` };
}

suite('clients of registries: push, pull, copy, list, attach, delete', () => {
  let hub: HubRegistry;
  let folder: string;
  let at: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-clients-'));
    hub = await startHubRegistry({ directory: join(folder, 'hub'), users: ['alice', 'bob'] });
    at = `${hub.host}/alice`;
    await publish(`http://${hub.host}`, 'alice/app', 'v1', image, { authorization: basicOf('alice') });
    const auths = { [hub.host]: { auth: basicOf('alice').slice('Basic '.length) } };
    await mkdir(join(folder, 'config'));
    await writeFile(join(folder, 'config/config.json'), JSON.stringify({ auths }));
    await writeFile(join(folder, 'notes.txt'), 'an artifact');
    await writeFile(join(folder, 'containers.conf'), '[engine]\nlock_type = "file"\n');
  });
  after(async () => {
    await hub[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    assert.deepEqual(hub.errors, []);
  });

  /** Runs a client; the registry is in this process, so that none of it may block. */
  const runWith =
    (program: string) =>
    (...args: string[]): Promise<string> => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const env = {
        ...process.env,
        DOCKER_CONFIG: join(folder, 'config'),
        REGISTRY_AUTH_FILE: join(folder, 'config/config.json'),
        REGCTL_CONFIG: join(folder, 'regctl.json'),
        // podman's locks are files of its own then, and not the machine's shared memory
        CONTAINERS_CONF: join(folder, 'containers.conf'),
        HOME: folder,
        XDG_RUNTIME_DIR: join(folder, 'run'),
      };
      execFile(program, args, { env, cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${program} ${args.join(' ')}: ${stderr || stdout || error.message}`));
      });
      return promise;
    };

  {
    const { program, skip } = client('crane');
    const crane = runWith(program);
    test('crane', { skip }, async () => {
      assert.equal((await crane('digest', `${at}/app:v1`)).trim(), image.digest);
      await crane('copy', `${at}/app:v1`, `${at}/crane:v1`);
      await crane('tag', `${at}/crane:v1`, 'latest');
      assert.deepEqual((await crane('ls', `${at}/crane`)).split('\n').filter(Boolean), ['latest', 'v1']);
      assert.match(await crane('catalog', hub.host), /alice\/app\nalice\/crane\n/);
      await crane('pull', '--format', 'oci', `${at}/crane:v1`, 'crane-layout');
      await crane('push', 'crane-layout', `${at}/crane:again`);
      assert.equal((await crane('digest', `${at}/crane:again`)).trim(), image.digest);
      await crane('validate', '--remote', `${at}/crane:again`);
      await crane('delete', `${at}/crane:latest`);
      assert.deepEqual((await crane('ls', `${at}/crane`)).split('\n').filter(Boolean), ['again', 'v1']);
      await crane('delete', `${at}/crane@${image.digest}`);
      assert.equal((await crane('ls', `${at}/crane`)).trim(), '');
    });
  }
  {
    const { program, skip } = client('regctl');
    const regctl = runWith(program);
    test('regctl', { skip }, async () => {
      await regctl('registry', 'set', '--tls', 'disabled', hub.host);
      await regctl('registry', 'login', hub.host, '-u', 'alice', '-p', password);
      await regctl('image', 'copy', `${at}/app:v1`, `${at}/regctl:v1`);
      await regctl('image', 'copy', `${at}/app:v1`, 'ocidir://regctl-layout:v1');
      await regctl('image', 'copy', 'ocidir://regctl-layout:v1', `${at}/regctl2:v1`);
      assert.equal((await regctl('image', 'digest', `${at}/regctl2:v1`)).trim(), image.digest);
      assert.match(await regctl('repo', 'ls', hub.host), /alice\/regctl\n/);
      for (const type of ['application/vnd.test.a', 'application/vnd.test.b'])
        await regctl(
          ...['artifact', 'put', '--artifact-type', type, '--subject', `${at}/regctl:v1`],
          ...['-f', 'notes.txt', '--annotation', 'by=alice'],
        );
      const list = (...filter: string[]) =>
        regctl('artifact', 'list', `${at}/regctl:v1`, ...filter, '--format', '{{len .Descriptors}}');
      assert.equal((await list()).trim(), '2');
      assert.equal((await list('--filter-artifact-type', 'application/vnd.test.a')).trim(), '1');
      await regctl('image', 'copy', '--referrers', `${at}/regctl:v1`, `${at}/regctl3:v1`);
      const copied = await regctl('artifact', 'list', `${at}/regctl3:v1`, '--format', '{{len .Descriptors}}');
      assert.equal(copied.trim(), '2');
      await regctl('tag', 'delete', `${at}/regctl2:v1`);
      assert.equal((await regctl('tag', 'ls', `${at}/regctl2`)).trim(), '');
      await regctl('manifest', 'delete', `${at}/regctl2@${image.digest}`);
      await assert.rejects(regctl('manifest', 'get', `${at}/regctl2@${image.digest}`), /not found/i);
    });
  }
  {
    const { program, skip } = client('oras');
    const oras = runWith(program);
    test('oras', { skip }, async () => {
      const plain = '--plain-http';
      await oras('login', plain, '-u', 'alice', '-p', password, hub.host);
      await oras(
        'push',
        plain,
        '--artifact-type',
        'application/vnd.test.notes',
        `${at}/oras:v1`,
        'notes.txt',
      );
      await oras(
        'attach',
        plain,
        '--artifact-type',
        'application/vnd.test.sbom',
        `${at}/oras:v1`,
        'notes.txt',
      );
      const found = await oras('discover', plain, '--format', 'json', `${at}/oras:v1`);
      assert.match(found, /application\/vnd\.test\.sbom/);
      await oras('pull', plain, '-o', 'oras-out', `${at}/oras:v1`);
      assert.equal(await readFile(join(folder, 'oras-out/notes.txt'), 'utf8'), 'an artifact');
      await oras('copy', '-r', '--from-plain-http', '--to-plain-http', `${at}/oras:v1`, `${at}/oras2:v1`);
      assert.match(await oras('discover', plain, '--format', 'json', `${at}/oras2:v1`), /vnd\.test\.sbom/);
      assert.equal((await oras('repo', 'tags', plain, `${at}/oras`)).trim(), 'v1');
      assert.match(await oras('repo', 'ls', plain, hub.host), /alice\/oras\n/);
      const digest = /sha256:[a-f0-9]{64}/.exec(await oras('resolve', plain, `${at}/oras:v1`))![0];
      await oras('manifest', 'delete', plain, '-f', `${at}/oras@${digest}`);
      await assert.rejects(oras('resolve', plain, `${at}/oras:v1`), /not found/);
    });
  }
  {
    const { program, skip } = client('skopeo');
    const skopeo = runWith(program);
    test('skopeo', { skip }, async () => {
      const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
      const copy = (...args: string[]) => skopeo('--insecure-policy', 'copy', ...args);
      await copy(...insecure, `docker://${at}/app:v1`, `docker://${at}/skopeo:v1`);
      await copy('--src-tls-verify=false', `docker://${at}/skopeo:v1`, 'oci:skopeo-layout:v1');
      await copy('--dest-tls-verify=false', 'oci:skopeo-layout:v1', `docker://${at}/skopeo:v2`);
      await copy(
        '--dest-tls-verify=false',
        '--format',
        'v2s2',
        'oci:skopeo-layout:v1',
        `docker://${at}/skopeo:docker`,
      );
      const inspect = JSON.parse(
        await skopeo('inspect', '--tls-verify=false', `docker://${at}/skopeo:v2`),
      ) as { Digest: string; RepoTags: string[] };
      assert.deepEqual([inspect.Digest, inspect.RepoTags], [image.digest, ['docker', 'v1', 'v2']]);
      await skopeo('delete', '--tls-verify=false', `docker://${at}/skopeo:docker`);
      assert.match(
        await skopeo('list-tags', '--tls-verify=false', `docker://${at}/skopeo`),
        /"v1",\s+"v2"\s+\]/,
      );
      await assert.rejects(
        skopeo('inspect', '--tls-verify=false', '--creds', `bob:${password}`, `docker://${at}/skopeo:v1`),
        /denied|unauthorized|authentication required/,
      );
    });
  }
  {
    const { program, skip } = client('skopeo');
    const skopeo = runWith(program);
    test('skopeo is told what a plan has no room for', { skip }, async () => {
      await limited(hub.rooms.records, 'bob', { privateBytes: 100_000 });
      const large = madeImage({ layers: [{ a: noise(20_000_000, 4) }] });
      await publish(`http://${hub.host}`, 'alice/large', 'v1', large, { authorization: basicOf('alice') });
      const from = ['--src-tls-verify=false', `docker://${at}/large:v1`];
      const to = [
        '--dest-tls-verify=false',
        '--dest-creds',
        `bob:${password}`,
        `docker://${hub.host}/bob/large:v1`,
      ];
      await assert.rejects(
        skopeo('--insecure-policy', 'copy', ...from, ...to),
        /bob would hold \d+ bytes in private repositories; its plan allows 100000/,
      );
    });
  }
  for (const name of ['podman', 'buildah']) {
    const { program, skip } = client(name);
    const run = runWith(program);
    test(name, { skip }, async () => {
      const stores = ['--root', join(folder, name, 'root'), '--runroot', join(folder, name, 'run')];
      const store = [...stores, '--storage-driver', 'vfs'];
      const plain = '--tls-verify=false';
      await run(...store, 'pull', plain, `${at}/app:v1`);
      await run(...store, 'tag', `${at}/app:v1`, `${at}/${name}:v1`);
      await run(...store, 'push', plain, `${at}/${name}:v1`);
      await run(...store, 'rmi', `${at}/app:v1`, `${at}/${name}:v1`);
      await run(...store, 'pull', plain, `${at}/${name}:v1`);
      assert.match(await run(...store, 'images'), new RegExp(`alice/${name}`));
      await run(...store, 'rmi', '-a');
    });
  }
});
