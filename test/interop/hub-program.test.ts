import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteRecords } from '#hub/records/sqlite/index.ts';
import { runHub, startHub } from '../fixtures/hub-program.ts';
import { blobsOf, imageNamed } from '../fixtures/hub-upkeep.ts';
import { freePort, publish } from '../fixtures/registry.ts';

const password = 'correct horse battery';
const authorization = `Basic ${Buffer.from(`alice:${password}`).toString('base64')}`;
const headers = { authorization };

suite('the program hoist-hub', () => {
  let folder: string;
  let data: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hub-program-'));
    data = join(folder, 'hub');
    const made = await runHub(
      ['user', 'add', 'alice', '--admin', '--email', 'alice@example.org', '--password-stdin', '--data', data],
      { input: `${password}\n` },
    );
    assert.deepEqual(made, { status: 0, stdout: 'Made the administrator alice\n', stderr: '' });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const inData = (...args: string[]) => [...args, '--data', data];

  const refusals: readonly [string, () => readonly string[], number, RegExp][] = [
    [
      'no such command',
      () => ['sing'],
      2,
      /^hoist-hub: 'sing' is not a hoist-hub command\.\nSee 'hoist-hub --help'\.\n$/,
    ],
    ['no such part of a command', () => ['user', 'sing'], 2, /'user sing' is not/],
    [
      'no such flag',
      () => ['serve', '--sing'],
      2,
      /^unknown flag: --sing\nSee 'hoist-hub serve --help'\.\n$/,
    ],
    ['a word too few', () => ['user', 'add', '--password-stdin'], 2, /takes exactly 1 argument: NAME/],
    ['a word too many', () => ['check', 'x'], 2, /takes no arguments/],
    ['a password that is not on standard input', () => inData('user', 'add', 'bob'), 2, /by standard input/],
    [
      'neither public nor private',
      () => inData('repo', 'set', 'alice/app'),
      2,
      /one of --public and --private/,
    ],
    [
      'a repository that is not there',
      () => inData('repo', 'set', 'alice/app', '--public'),
      1,
      /^hoist-hub: No such repository: alice\/app\n$/,
    ],
    ['a user that is not there', () => inData('user', 'disable', 'bob'), 1, /No such user: bob/],
    ['the last administrator', () => inData('user', 'disable', 'alice'), 1, /last administrator/],
    ['a name that is taken', () => inData('user', 'add', 'alice', '--password-stdin'), 1, /taken/],
    ['no Hub', () => ['check', '--data', join(folder, 'none')], 1, /there is no Hub in/],
    ['a certificate without its key', () => inData('serve', '--tls-cert', 'x'), 2, /go together/],
    [
      'a key file that is none',
      () => inData('serve', '--tls-cert', '/etc/hosts', '--tls-key', '/etc/hosts'),
      1,
      /cannot use the certificate/,
    ],
    ['an address that is none', () => inData('serve', '--listen', 'here'), 2, /invalid address to listen on/],
    [
      'an address of another machine',
      () => inData('serve', '--listen', '192.0.2.1:1'),
      1,
      /cannot listen on 192\.0\.2\.1:1/,
    ],
    ['a grace time that is none', () => inData('collect', '--grace', 'long'), 2, /it is a duration/],
    ['a restore into what is there', () => inData('restore', '/dev/null'), 1, /is not empty/],
    ['a backup to where nothing can be', () => inData('backup', join(folder, 'no/such/folder')), 1, /ENOENT/],
  ];
  for (const [name, args, status, message] of refusals) {
    test(`refuses ${name}`, async () => {
      const ran = await runHub(args(), { input: password });
      assert.equal(ran.status, status, ran.stderr);
      assert.match(ran.stderr, message);
      assert.equal(ran.stdout, '');
    });
  }

  test('help names every command, and each has its own; the version is the package’s', async () => {
    const { stdout } = await runHub(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z][a-z -]*?) {2,}/gm)].map((found) => found[1]!);
    assert.ok(names.length >= 12, stdout);
    for (const name of ['serve', 'user add', 'backup']) {
      assert.ok(names.includes(name));
      const own = await runHub([...name.split(' '), '--help']);
      assert.match(own.stdout, new RegExp(`^\\nUsage: {2}hoist-hub ${name} \\[OPTIONS\\]`));
      assert.match(own.stdout, /--data string/);
    }
    assert.match((await runHub(['--version'])).stdout, /^Hoist Hub version \d+\.\d+\.\d+\n$/);
  });

  test('without an administrator it says how to make one, and then does not', async () => {
    const empty = join(folder, 'empty');
    await using hub = await startHub(empty);
    assert.match(
      hub.output(),
      /There is no administrator yet[\s\S]*hoist-hub user add NAME --admin --password-stdin --data /,
    );
    const made = await runHub(['user', 'add', 'olga', '--admin', '--password-stdin', '--data', empty], {
      input: password,
    });
    assert.equal(made.status, 0, made.stderr);
    await hub.end();
    await using again = await startHub(empty);
    assert.doesNotMatch(again.output(), /no administrator/);
    assert.equal(statSync(empty).mode & 0o777, 0o700);
  });

  test('commands work beside the program that serves, which hears of them at once', async () => {
    await using hub = await startHub(data);
    await publish(hub.url, 'alice/tool', 'v1', imageNamed('tool'), headers);
    const pull = async () => (await fetch(`${hub.url}/v2/alice/tool/manifests/v1`)).status;
    assert.equal(await pull(), 401);
    assert.equal(
      (await runHub(inData('repo', 'set', 'alice/tool', '--public'))).stdout,
      'alice/tool is public\n',
    );
    const token = (await (
      await fetch(`${hub.url}/token?service=${hub.host}&scope=repository:alice/tool:pull`)
    ).json()) as { token: string };
    const pulled = await fetch(`${hub.url}/v2/alice/tool/manifests/v1`, {
      headers: { authorization: `Bearer ${token.token}` },
    });
    assert.equal(pulled.status, 200);
    const listed = await runHub(inData('repo', 'list', '--format', 'json'));
    const { name, visibility, tags } = JSON.parse(listed.stdout);
    assert.deepEqual({ name, visibility, tags }, { name: 'alice/tool', visibility: 'public', tags: 1 });

    await runHub(inData('user', 'add', 'bob', '--password-stdin'), { input: password });
    const asBob = async () =>
      (
        await fetch(`${hub.url}/v2/`, {
          headers: { authorization: `Basic ${Buffer.from(`bob:${password}`).toString('base64')}` },
        })
      ).status;
    assert.equal(await asBob(), 200);
    await runHub(inData('user', 'disable', 'bob'));
    assert.equal(await asBob(), 401);
    await runHub(inData('user', 'enable', 'bob'));
    assert.equal(await asBob(), 200);
    assert.match(
      (await runHub(inData('user', 'list'))).stdout,
      /^NAME +ROLE +STATUS +CREATED\nalice +administrator +active .*\nbob +user +active /,
    );

    assert.match((await runHub(inData('collect', '--grace', '0s'))).stdout, /^Freed 0 B/);
    assert.match(hub.output(), /msg=collected/);
    assert.match((await runHub(inData('check'))).stdout, /all is well\n$/);
    assert.match((await runHub(inData('scrub'))).stdout, /Read 3 blobs of .*: all are right\n/);
    const second = await runHub(inData('serve', '--listen', '127.0.0.1:0'));
    assert.equal(second.status, 1);
    assert.match(second.stderr, /another hoist-hub is at work in/);
  });

  test('check ends with 3 while something is wrong, and with 0 once it is mended', async () => {
    const own = join(folder, 'damaged');
    await runHub(['user', 'add', 'alice', '--password-stdin', '--data', own], { input: password });
    const image = imageNamed('damaged');
    {
      await using hub = await startHub(own);
      await publish(hub.url, 'alice/app', 'v1', image, headers);
    }
    const hex = blobsOf(image)[0]!.slice('sha256:'.length);
    writeFileSync(join(own, 'blobs/sha256', hex.slice(0, 2), hex), 'other');
    const checked = await runHub(['check', '--data', own]);
    assert.equal(checked.status, 3);
    assert.match(checked.stdout, new RegExp(`blob: sha256:${hex}: its file has another size`));
    assert.equal((await runHub(['scrub', '--data', own])).status, 3);
    const backup = await runHub(['backup', join(folder, 'damaged.tar'), '--data', own]);
    assert.equal(backup.status, 3);
    assert.match(backup.stderr, /1 of them bad/);
    assert.equal((await runHub(['check', '--repair', '--data', own])).status, 0);
    await using hub = await startHub(own);
    assert.equal((await fetch(`${hub.url}/v2/alice/app/blobs/sha256:${hex}`, { headers })).status, 404);
    await publish(hub.url, 'alice/app', 'v1', image, headers);
    assert.equal((await runHub(['check', '--data', own])).status, 0);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`an upload goes on after ${signal} in the middle of it`, async () => {
      const bytes = randomBytes(3_000_000);
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      let location: string;
      {
        await using hub = await startHub(data, { arguments: ['--shutdown-timeout', '100ms'] });
        const begun = await fetch(`${hub.url}/v2/alice/parts/blobs/uploads/`, { method: 'POST', headers });
        location = begun.headers.get('location')!;
        const first = await fetch(`${hub.url}${location}`, {
          method: 'PATCH',
          headers,
          body: bytes.subarray(0, 1_000_000),
        });
        assert.equal(first.status, 202);
        const half = request(`${hub.url}${location}`, {
          method: 'PATCH',
          headers: { ...headers, 'content-length': '2000000' },
        });
        half.on('error', () => undefined);
        half.write(bytes.subarray(1_000_000, 1_700_000));
        await sleep(200);
        await hub.end(signal);
      }
      await using hub = await startHub(data);
      const state = await fetch(`${hub.url}${location}`, { headers });
      const received = Number(state.headers.get('range')!.split('-')[1]) + 1;
      assert.ok(received >= 1_000_000 && received <= 1_700_000, `${received}`);
      const rest = await fetch(`${hub.url}${location}?digest=${digest}`, {
        method: 'PUT',
        headers,
        body: bytes.subarray(received),
      });
      assert.equal(rest.status, 201);
      const got = await fetch(`${hub.url}/v2/alice/parts/blobs/${digest}`, { headers });
      assert.ok(Buffer.from(await got.arrayBuffer()).equals(bytes));
    });
  }

  test('requests under way are finished after SIGTERM, and no new ones are taken', async () => {
    const bytes = randomBytes(500_000);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await using hub = await startHub(data);
    const answered = Promise.withResolvers<number>();
    const push = request(
      `${hub.url}/v2/alice/parts/blobs/uploads/?digest=${digest}`,
      { method: 'POST', headers: { ...headers, 'content-length': `${bytes.length}` } },
      (response) => answered.resolve(response.statusCode ?? 0),
    );
    push.on('error', answered.reject);
    push.write(bytes.subarray(0, 1000));
    await sleep(200);
    const ended = hub.end();
    await sleep(200);
    await assert.rejects(fetch(`${hub.url}/v2/`));
    push.end(bytes.subarray(1000));
    assert.equal(await answered.promise, 201);
    assert.equal(await ended, 0);
  });

  test('no secret comes into the log', async () => {
    await using hub = await startHub(data, { arguments: ['--log-level', 'debug'] });
    const secrets = [password, authorization.split(' ')[1]!, 'query-secret'];
    await fetch(`${hub.url}/token?service=x&account=query-secret&scope=y`, { headers });
    await fetch(`${hub.url}/v2/?token=query-secret`, { headers });
    await fetch(`${hub.url}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'password', username: 'alice', password }),
    });
    await hub.end();
    const log = hub.output();
    assert.match(log, /path=\/token status=200/);
    for (const secret of secrets) assert.ok(!log.includes(secret), log);
  });

  test('a mirror keeps what is pulled through it', async () => {
    const own = join(folder, 'mirror');
    const image = imageNamed('mirrored');
    const port = await freePort();
    const mirrored = `http://127.0.0.1:${port}/v2/alice/mirrored`;
    const layer = blobsOf(image)[0]!;
    await using upstream = await startHub(data);
    await publish(upstream.url, 'alice/mirrored', 'v1', image, headers);
    writeFileSync(join(folder, 'password'), `${password}\n`);
    const flags = [
      '--mirror',
      upstream.url,
      '--mirror-listen',
      `127.0.0.1:${port}`,
      '--mirror-tag-age',
      '1h',
    ];
    const credentials = ['--mirror-username', 'alice', '--mirror-password-file', join(folder, 'password')];
    await using hub = await startHub(own, { arguments: [...flags, ...credentials] });
    assert.match(
      hub.output(),
      new RegExp(`msg=mirroring upstream=${upstream.url} address=http://127.0.0.1:${port}`),
    );
    for (const _ of ['from upstream', 'kept']) {
      const manifest = await fetch(`${mirrored}/manifests/v1`);
      assert.equal(manifest.status, 200);
      assert.ok(Buffer.from(await manifest.arrayBuffer()).equals(image.manifest));
      const blob = await fetch(`${mirrored}/blobs/${layer}`);
      assert.ok(Buffer.from(await blob.arrayBuffer()).equals(image.layers[0]!.blob));
      await upstream.end();
    }
    assert.equal(
      (await fetch(`${hub.url}/v2/alice/mirrored/manifests/v1`)).status,
      401,
      'the Hub itself has it not',
    );
  });

  test('a backup is restored elsewhere, and serves', async () => {
    const [tar, elsewhere] = [join(folder, 'backup.tar'), join(folder, 'elsewhere')];
    {
      await using hub = await startHub(data);
      await publish(hub.url, 'alice/backed', 'v1', imageNamed('backed'), headers);
      const backup = await runHub(inData('backup', tar));
      assert.equal(backup.status, 0, backup.stderr);
    }
    assert.equal(statSync(tar).mode & 0o777, 0o600);
    const restored = await runHub(['restore', tar, '--data', elsewhere]);
    assert.equal(restored.status, 0, restored.stderr);
    assert.equal((await runHub(['check', '--data', elsewhere])).status, 0);
    await using hub = await startHub(elsewhere);
    assert.equal((await fetch(`${hub.url}/v2/alice/backed/manifests/v1`, { headers })).status, 200);
  });

  test('a backup that is killed is forgotten, once its hold has ended', async () => {
    const snapshots = () => readdirSync(data).filter((name) => name.startsWith('backup-'));
    const tar = join(folder, 'killed.tar');
    assert.equal(
      (await runHub(inData('backup', tar), { env: { HOIST_CRASH_AT: 'backup.snapshot' } })).status,
      -1,
    );
    assert.equal(snapshots().length, 1);
    assert.equal((await runHub(inData('backup', tar))).status, 0);
    assert.equal(snapshots().length, 1, 'it may be alive');
    {
      await using records = openSqliteRecords(join(data, 'hub.db'));
      records.database.run("UPDATE hold SET expires_at = '2020-01-01T00:00:00.000Z'");
    }
    assert.equal((await runHub(inData('backup', tar))).status, 0);
    assert.equal(snapshots().length, 0);
  });

  for (const at of ['restore.blob', 'restore.before-records', 'restore.before-end']) {
    test(`a restore that is killed at ${at} is begun again, and nothing is served before`, async () => {
      const tar = join(folder, 'backup.tar');
      const target = join(folder, at);
      mkdirSync(target);
      assert.equal(
        (await runHub(['restore', tar, '--data', target], { env: { HOIST_CRASH_AT: at } })).status,
        -1,
      );
      for (const command of [
        ['serve', '--listen', '127.0.0.1:0'],
        ['user', 'list'],
        ['user', 'add', 'x', '--password-stdin'],
      ]) {
        const refused = await runHub([...command, '--data', target], { input: password });
        assert.equal(refused.status, 1);
        assert.match(refused.stderr, /a restore into .* was not finished: run it again/);
      }
      assert.equal((await runHub(['restore', tar, '--data', target])).status, 0);
      assert.equal((await runHub(['check', '--data', target])).status, 0);
      assert.ok(!readdirSync(target).includes('restore-unfinished'));
    });
  }

  for (const at of ['collect.record-gone', 'collect.blob-gone']) {
    test(`a collection that is killed at ${at} leaves nothing that the next does not find`, async () => {
      {
        await using hub = await startHub(data);
        const sent = await fetch(`${hub.url}/v2/alice/lost/blobs/uploads/`, { method: 'POST', headers });
        const bytes = randomBytes(2000);
        const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
        await fetch(`${hub.url}${sent.headers.get('location')}?digest=${digest}`, {
          method: 'PUT',
          headers,
          body: bytes,
        });
      }
      const killed = await runHub(inData('collect', '--grace', '0s'), { env: { HOIST_CRASH_AT: at } });
      assert.equal(killed.status, -1, killed.stderr);
      assert.equal((await runHub(inData('check'))).status, 0);
      assert.equal((await runHub(inData('collect', '--grace', '0s'))).status, 0);
      assert.match((await runHub(inData('check'))).stdout, /all is well\n$/);
    });
  }
});
